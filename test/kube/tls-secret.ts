/** Pairs into Secrets and back. */
import t from 'tap'
import { readLeaf } from '../../src/certificate/certificate.ts'
import type { Secret } from '../../src/kube/object.ts'
import { installedOf, newTlsSecret, pairPatch, wordsPatch } from '../../src/kube/tls-secret.ts'
import { day, now } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'

const terms = { certificate: 'book', instance: 'port80', now }
const pair = await makePair({ names: ['book.example.com', 'b.example.com'], notAfter: now + 60 * day })
const base64 = (text: string) => Buffer.from(text).toString('base64')
const data = { 'tls.crt': base64(pair.chainPem), 'tls.key': base64(pair.keyPem) }
const notAfter = new Date(readLeaf(pair)?.notAfter ?? 0).toISOString().replace('.000Z', 'Z')
const annotations = {
  'port80.io/certificate': 'book',
  'port80.io/instance': 'port80',
  'port80.io/fingerprint': readLeaf(pair)?.fingerprint,
  'port80.io/names': 'book.example.com,b.example.com',
  'port80.io/issuer': 'Test Issuer',
  'port80.io/not-after': notAfter,
}

function ours(more: Partial<Secret> = {}): Secret {
  const metadata = { name: 'book', namespace: 'istio-system', resourceVersion: '42' }
  return {
    ...newTlsSecret(pair, terms),
    metadata: { ...newTlsSecret(pair, terms).metadata, ...metadata },
    ...more,
  }
}

t.test('a new Secret has the type, both keys, our label and what a person wants to know', (t) => {
  t.strictSame(newTlsSecret(pair, terms), {
    type: 'kubernetes.io/tls',
    metadata: {
      labels: { 'app.kubernetes.io/managed-by': 'port80' },
      annotations: {
        ...annotations,
        'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
        'argocd.argoproj.io/sync-options': 'Prune=false',
      },
    },
    data,
  })
  t.end()
})

t.test('what was written is read back word for word', (t) => {
  t.strictSame(installedOf(ours(), terms), { state: 'present', pair })
  t.end()
})

t.test('a patch names the version, both keys and our annotations, and no client CA', (t) => {
  const there = {
    metadata: { name: 'x', resourceVersion: '42', annotations: { other: 'kept' } },
    data: { 'ca.crt': 'Y2E=' },
  }
  t.strictSame(pairPatch(there, pair, terms), { metadata: { resourceVersion: '42', annotations }, data })
  const generic = { ...there, data: { cert: 'Yw==', key: 'aw==' } }
  t.strictSame(pairPatch(generic, pair, terms).data, { ...data, cert: null, key: null }, 'generic keys go')
  t.end()
})

t.test('what a gateway would find', (t) => {
  const rows: [string, Secret | undefined, string][] = [
    ['no Secret', undefined, 'absent'],
    ['no data', ours({ data: {} }), 'absent'],
    ['a chain alone', ours({ data: { 'tls.crt': data['tls.crt'] } }), 'absent'],
    ['an empty key', ours({ data: { ...data, 'tls.key': '' } }), 'absent'],
    ['a chain that does not parse', ours({ data: { ...data, 'tls.crt': base64('x') } }), 'absent'],
    ['a key that does not parse', ours({ data: { ...data, 'tls.key': base64('x') } }), 'absent'],
    ['data of null, as some clients write it', ours({ data: undefined as never }), 'absent'],
    ['somebody else’s', ours({ type: 'Other' }), 'foreign'],
  ]
  for (const [name, secret, state] of rows) t.equal(installedOf(secret, terms).state, state, name)
  t.end()
})

t.test('words are patched when they change, and only then', (t) => {
  const words = { status: 'Ready: up to date, has not expired', reason: 'UpToDate', renewalAt: now }
  const first = wordsPatch(ours(), words)
  const renewalTime = new Date(now).toISOString().replace('.000Z', 'Z')
  const said = {
    'port80.io/status': words.status,
    'port80.io/reason': 'UpToDate',
    'port80.io/renewal-time': renewalTime,
  }
  t.strictSame(first, { metadata: { resourceVersion: '42', annotations: said } })
  const there = ours({ metadata: { resourceVersion: '43', annotations: said } })
  t.equal(wordsPatch(there, words), undefined)
  t.match(wordsPatch(there, { ...words, reason: 'BackingOff' }), { metadata: { resourceVersion: '43' } })
  const { renewalAt: _, ...without } = words
  t.match(wordsPatch(there, without), { metadata: { annotations: { 'port80.io/renewal-time': null } } })
  t.equal(
    wordsPatch(
      ours({ metadata: { annotations: { ...said, 'port80.io/renewal-time': renewalTime } } }),
      words,
    ),
    undefined,
  )
  t.end()
})
