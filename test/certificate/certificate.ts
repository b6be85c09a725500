import { createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import {
  canonicalIp,
  namesOf,
  placeholderIssuer,
  readLeaf,
  sameNames,
} from '../../src/certificate/certificate.ts'
import { orderReason } from '../../src/certificate/policy.ts'
import { identifierFault } from '../../src/config/identifier.ts'
import { keyTypes } from '../../src/config/schema.ts'
import { day, desired, now, record, storedPair } from './fixtures/builders.ts'
import { keyOf, makePair } from './fixtures/pairs.ts'

t.test('a pair is read', async (t) => {
  const pair = await makePair({
    names: ['Book.example.com', '192.0.2.7', '2001:db8::7'],
    issuedBy: 'Test Issuer R1',
    notBefore: now - day,
    notAfter: now + 89 * day,
  })
  const leaf = readLeaf(pair)
  t.match(leaf, {
    serial: /^7F[0-9A-F]{14}$/,
    fingerprint: /^[0-9a-f]{64}$/,
    issuedBy: 'Test Issuer R1',
    names: ['book.example.com', '192.0.2.7', '2001:db8::7'],
    notBefore: now - day,
    notAfter: now + 89 * day,
    keyType: 'ecdsa-p256',
    keyMatches: true,
    placeholder: false,
  })
  t.same(
    readLeaf({ ...pair, chainPem: `${pair.chainPem}${(await makePair()).chainPem}` }),
    leaf,
    'of a chain, the first',
  )
})

t.test('each key type is known by the name it has in the configuration', async (t) => {
  for (const keyType of keyTypes) t.equal(readLeaf(await makePair({ keyType }))?.keyType, keyType)
})

t.test('a key that belongs to another certificate', async (t) => {
  const { chainPem } = await makePair()
  const rows = [
    { name: 'of the same type', keyPem: (await makePair({ newKey: true })).keyPem },
    { name: 'of another curve', keyPem: (await makePair({ keyType: 'ecdsa-p384' })).keyPem },
    { name: 'of another kind', keyPem: (await makePair({ keyType: 'rsa-2048' })).keyPem },
  ]
  for (const { name, keyPem } of rows) {
    t.test(name, async (t) => t.equal(readLeaf({ chainPem, keyPem })?.keyMatches, false))
  }
})

t.test('our placeholder is known by its issuer', async (t) => {
  t.equal(readLeaf(await makePair({ issuedBy: placeholderIssuer }))?.placeholder, true)
})

t.test('what does not parse is undefined, and nothing throws', async (t) => {
  const { chainPem, keyPem } = await makePair()
  const rows = [
    { name: 'empty', chainPem: '', keyPem: '' },
    { name: 'no certificate', chainPem: 'hello', keyPem },
    { name: 'no key', chainPem, keyPem: 'hello' },
    { name: 'changed about', chainPem: keyPem, keyPem: chainPem },
    { name: 'a torn certificate', chainPem: chainPem.slice(0, 200), keyPem },
    { name: 'a torn key', chainPem, keyPem: keyPem.slice(0, 60) },
    { name: 'a public key', chainPem, keyPem: publicPem() },
    { name: 'zeros', chainPem: '\0'.repeat(100), keyPem: '\0' },
  ]
  for (const { name, ...pair } of rows) t.test(name, async (t) => t.equal(readLeaf(pair), undefined))
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      (chain, key) => readLeaf({ chainPem: chain, keyPem: key }) === undefined,
    ),
  )
})

t.test('names in the words of node:crypto', async (t) => {
  const rows = [
    { name: 'none', text: undefined, names: [] },
    { name: 'two', text: 'DNS:a.example.com, DNS:B.example.com', names: ['a.example.com', 'b.example.com'] },
    {
      name: 'addresses',
      text: 'IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
      names: ['192.0.2.1', '2001:db8::1'],
    },
    { name: 'other kinds', text: 'email:a@example.com, URI:https://a.example.com, DirName:CN=a', names: [] },
    {
      name: 'a quoted value that holds another',
      text: 'DNS:"x\\, DNS:good.example.com", DNS:a.example.com',
      names: ['a.example.com'],
    },
  ]
  for (const { name, text, names } of rows) t.test(name, async (t) => t.same(namesOf(text), names))
})

t.test('the same names', async (t) => {
  const rows: readonly { name: string; left: string[]; right: string[]; same: boolean }[] = [
    { name: 'in another order', left: ['a.test', 'b.test'], right: ['b.test', 'a.test'], same: true },
    { name: 'in capitals', left: ['A.test'], right: ['a.test'], same: true },
    { name: 'twice', left: ['a.test', 'a.test'], right: ['a.test'], same: true },
    { name: 'an address in another spelling', left: ['2001:DB8:0:0::1'], right: ['2001:db8::1'], same: true },
    { name: 'one more', left: ['a.test'], right: ['a.test', 'b.test'], same: false },
    { name: 'one less', left: ['a.test', 'b.test'], right: ['a.test'], same: false },
    { name: 'another', left: ['a.test'], right: ['b.test'], same: false },
    { name: 'a name and what is below it', left: ['a.test'], right: ['www.a.test'], same: false },
  ]
  for (const { name, left, right, same } of rows)
    t.test(name, async (t) => t.equal(sameNames(left, right), same))
  t.equal(canonicalIp('no:address'), 'no:address', 'what is no address stays as it is')
})

/** Otherwise a certificate would be ordered again as soon as it is there, without end. */
t.test('every name that the configuration accepts is found again in the certificate for it', async (t) => {
  const names = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()).map((each) => each.toLowerCase())
  const sets = fc.uniqueArray(names, { minLength: 1, maxLength: 4 })
  const special = [
    ['_acme.a_b.example.com'],
    ['xn--bcher-kva.example'],
    ['::1'],
    ['2001:db8::1', '192.0.2.1'],
  ]
  const sampled = fc.sample(sets, { numRuns: 40, seed: 6 })
  for (const domains of [...special, ...sampled]) {
    const accepted = domains.filter((each) => identifierFault(each) === undefined)
    if (accepted.length === 0) continue
    const pair = await makePair({ names: accepted })
    const leaf = readLeaf(pair)
    const input = {
      desired: desired({ domains: accepted }),
      record: record(),
      stored: { pair: storedPair(pair), leaf },
      renewRequested: false,
      now,
    }
    t.equal(orderReason(input), undefined, accepted.join(' '))
  }
})

function publicPem(): string {
  return createPublicKey(keyOf('ecdsa-p256')).export({ type: 'spki', format: 'pem' }).toString()
}
