import t from 'tap'
import { checkWish } from '../../src/discovery/check.ts'
import type { Wishes } from '../../src/discovery/claim.ts'
import { configOf, discovering } from './fixtures/objects.ts'

const config = configOf(`${discovering}\nissuers: { private: { directory: https://ca.example.com/acme } }`)
const hosts = (count: number) => Array.from({ length: count }, (_, index) => `h${index}.example.com`)
const check = (wishes: Wishes, domains = hosts(1), from = config) =>
  checkWish({ name: 'book', domains, wishes }, from)

t.test('what is wished is as if it stood in the file', async (t) => {
  const wishes = {
    issuer: 'private',
    fallbackIssuer: 'letsencrypt',
    profile: 'tlsserver',
    keyType: 'rsa-4096',
    redirectStatus: '308',
    renewBefore: '20d',
  }
  t.match(check(wishes), {
    ok: {
      name: 'book',
      domains: ['h0.example.com'],
      issuer: 'private',
      fallbackIssuer: 'letsencrypt',
      profile: 'tlsserver',
      keyType: 'rsa-4096',
      redirect: { status: 308 },
      renewal: { renewBefore: 1_728_000_000 },
    },
  })
})

t.test('what is not wished has the defaults of the file', async (t) => {
  t.match(check({}), { ok: { issuer: 'letsencrypt-staging', keyType: 'ecdsa-p256', reuseKey: false } })
})

t.test('or those of discovery', async (t) => {
  const own = configOf(`
kubernetes: {}
discovery: { istio: { namespaces: all }, issuer: letsencrypt, fallbackIssuer: letsencrypt-staging }
`)
  t.match(check({}, hosts(1), own), { ok: { issuer: 'letsencrypt', fallbackIssuer: 'letsencrypt-staging' } })
  t.match(check({ issuer: 'letsencrypt-staging' }, hosts(1), own), { ok: { issuer: 'letsencrypt-staging' } })
})

const rows: readonly (readonly [name: string, wishes: Wishes, fault: RegExp])[] = [
  [
    'an unknown issuer',
    { issuer: 'privat' },
    /^port80\.io\/issuer: "privat" is no issuer; did you mean private\?/,
  ],
  [
    'no name of an issuer',
    { issuer: 'Not A Name' },
    /^port80\.io\/issuer: "Not A Name" does not have the right form/,
  ],
  [
    'the issuer as its own fallback',
    { issuer: 'private', fallbackIssuer: 'private' },
    /fallback-issuer: .*itself/,
  ],
  ['a key type', { keyType: 'ecdsa' }, /^port80\.io\/key-type: "ecdsa" is no choice here; .*ecdsa-p256/],
  [
    'a status',
    { redirectStatus: '307' },
    /^port80\.io\/redirect-status: 307 is no right value; write 301, 302 or 308/,
  ],
  [
    'a status that is no number',
    { redirectStatus: 'moved' },
    /^port80\.io\/redirect-status: "moved" is no right value/,
  ],
  [
    'no duration',
    { renewBefore: 'soon' },
    /^port80\.io\/renew-before: "soon" does not have the right form; write a dur/,
  ],
  ['longer than certificates live', { renewBefore: '90d' }, /^port80\.io\/renew-before: "90d" is as long as/],
  ['an empty profile', { profile: '' }, /^port80\.io\/profile: "" is too short/],
  [
    'a long profile',
    { profile: 'x'.repeat(2_000) },
    /^port80\.io\/profile: "x{77}…" is longer than 100 characters/,
  ],
]

for (const [name, wishes, fault] of rows) {
  t.test(name, async (t) => {
    const checked = check(wishes)
    if ('ok' in checked) return void t.fail('passed')
    t.equal(checked.faults.length, 1, checked.faults.join('\n'))
    t.match(checked.faults[0], fault)
  })
}

t.test('every fault is told at once', async (t) => {
  const checked = check({ issuer: 'x', keyType: 'y', renewBefore: 'z' })
  t.equal('faults' in checked && checked.faults.length, 3)
})

t.test('a hundred hosts are the most, and a profile may allow fewer', async (t) => {
  t.ok('ok' in check({}, hosts(100)))
  t.match(check({}, hosts(101)), { faults: [/^101 hosts are more than the 100/] })
  t.match(check({ profile: 'tlsserver' }, hosts(26)), {
    faults: [/^hosts: .*26 names, and the profile allows 25/],
  })
})
