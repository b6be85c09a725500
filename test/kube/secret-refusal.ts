/** Which Secrets that are there already port80 writes, as a table. */
import t from 'tap'
import { placeholderIssuer, readLeaf } from '../../src/certificate/certificate.ts'
import type { Pair } from '../../src/destination/destination.ts'
import type { ObjectMeta, Secret } from '../../src/kube/object.ts'
import { refusalOf, type SecretTerms } from '../../src/kube/secret-refusal.ts'
import { day, now } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'

const terms: SecretTerms = { certificate: 'book', instance: 'port80', now }
const base64 = (text: string) => Buffer.from(text).toString('base64')

interface Parts {
  readonly type?: string
  readonly immutable?: boolean
  readonly pair?: Pair
  readonly data?: Record<string, string>
  readonly metadata?: ObjectMeta
}

function secretOf({ type = 'kubernetes.io/tls', immutable = false, pair, data, metadata }: Parts): Secret {
  const both = pair && { 'tls.crt': base64(pair.chainPem), 'tls.key': base64(pair.keyPem) }
  return {
    type,
    immutable,
    metadata: { name: 'book-certificate', namespace: 'istio-system', ...metadata },
    data: { ...both, ...data },
  }
}

const valid = await makePair({ notBefore: now - day, notAfter: now + 60 * day })
const fingerprint = readLeaf(valid)?.fingerprint ?? ''
const expired = await makePair({ notBefore: now - 90 * day, notAfter: now })
const placeholder = await makePair({ issuedBy: placeholderIssuer })
const foreignKey = { ...valid, keyPem: (await makePair({ newKey: true })).keyPem }

t.test('a Secret that port80 may write', (t) => {
  const rows: [string, Parts][] = [
    ['an empty one of type tls', { data: { 'tls.crt': '', 'tls.key': '' } }],
    ['an empty Opaque one', { type: 'Opaque', data: {} }],
    [
      'our pair, by its fingerprint',
      { pair: valid, metadata: { annotations: { 'port80.io/fingerprint': fingerprint } } },
    ],
    [
      'our pair, by its manager',
      {
        pair: valid,
        metadata: { managedFields: [{ manager: 'port80', fieldsV1: { 'f:data': { 'f:tls.crt': {} } } }] },
      },
    ],
    ["somebody's pair that ran out", { pair: expired }],
    ["somebody's pair that no gateway could load", { pair: foreignKey }],
    ['what is no pair', { data: { 'tls.crt': base64('x'), 'tls.key': base64('y') } }],
    ['a stand-in of ours', { pair: placeholder }],
    [
      'one that a chart made',
      { pair: placeholder, metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } },
    ],
    ['a client CA that waits for its certificate', { type: 'Opaque', data: { 'ca.crt': base64('CA') } }],
    ['one of this installation', { metadata: { annotations: { 'port80.io/instance': 'port80' } } }],
  ]
  for (const [name, parts] of rows) t.equal(refusalOf(secretOf(parts), terms), undefined, name)
  t.end()
})

const otherManager = [{ manager: 'kubectl', fieldsV1: { 'f:data': { 'f:tls.crt': {} } } }]
const owner = { apiVersion: 'v1', kind: 'SealedSecret', name: 'book', uid: '1' }

const refused: [string, Parts, RegExp][] = [
  [
    "somebody's valid pair",
    { pair: valid },
    /did not write and that is valid until 2\d{3}-\d\d-\d\d: annotate it port80\.io\/adopt=true/,
  ],
  [
    "somebody's valid pair over ours",
    {
      pair: valid,
      metadata: { managedFields: otherManager, annotations: { 'port80.io/fingerprint': 'older' } },
    },
    /did not write/,
  ],
  [
    "cert-manager's",
    { metadata: { annotations: { 'cert-manager.io/certificate-name': 'book' } } },
    /Certificate book of cert-manager: delete that/,
  ],
  ['one with an owner', { metadata: { ownerReferences: [owner] } }, /belongs to SealedSecret book/],
  [
    'one of another tool',
    { metadata: { labels: { 'app.kubernetes.io/managed-by': 'external-secrets' } } },
    /is managed by external-secrets/,
  ],
  ['generic keys', { type: 'Opaque', data: { cert: base64('c'), key: base64('k') } }, /Istio prefers/],
  ['a generic key alone', { type: 'Opaque', data: { cert: base64('c') } }, /Istio prefers/],
  [
    'something else',
    { type: 'Opaque', data: { password: base64('p') } },
    /something else than a certificate/,
  ],
  [
    'that of another installation',
    { metadata: { annotations: { 'port80.io/instance': 'other' } } },
    /port80 of namespace other/,
  ],
]

t.test('a Secret that somebody else has: refused with the reason, written with consent', (t) => {
  for (const [name, parts, reason] of refused) {
    const fault = refusalOf(secretOf(parts), terms)
    t.match(fault, /^Secret istio-system\/book-certificate /, name)
    t.match(fault, reason, name)
    t.match(fault, /port80\.io\/adopt=true/, 'and how to consent')
    const annotations = { ...parts.metadata?.annotations, 'port80.io/adopt': 'true' }
    const agreed = secretOf({ ...parts, metadata: { ...parts.metadata, annotations } })
    t.equal(refusalOf(agreed, terms), undefined, `${name}, with consent`)
    t.equal(refusalOf(secretOf(parts), { ...terms, takeOver: true }), undefined, `${name}, by configuration`)
    const no = secretOf({
      ...parts,
      metadata: { ...parts.metadata, annotations: { ...annotations, 'port80.io/adopt': 'false' } },
    })
    t.match(refusalOf(no, terms), reason, `${name}, with another word`)
  }
  t.end()
})

t.test('a Secret that no consent makes writable', (t) => {
  const metadata = { annotations: { 'port80.io/adopt': 'true' } }
  const rows: [string, Parts, RegExp][] = [
    [
      'another type',
      { type: 'kubernetes.io/dockerconfigjson', metadata },
      /is of type kubernetes\.io\/dockerconfigjson/,
    ],
    ['an immutable one', { immutable: true, metadata }, /is immutable/],
    [
      'one that is being deleted',
      { metadata: { ...metadata, deletionTimestamp: '2026-11-24T00:00:00Z' } },
      /being deleted/,
    ],
    [
      'generic keys with a client CA: the gateway would stop asking for certificates',
      { type: 'Opaque', data: { cert: 'Yw==', key: 'aw==', cacert: 'Y2E=' }, metadata },
      /copy cacert to ca\.crt/,
    ],
  ]
  for (const [name, parts, reason] of rows) t.match(refusalOf(secretOf(parts), terms), reason, name)
  t.end()
})

t.test('a reason holds nothing of the content and nothing unprintable', (t) => {
  const hostile = '\u001b[31m<script>\n'.repeat(50)
  const rows: Parts[] = [
    { type: hostile },
    { metadata: { annotations: { 'cert-manager.io/certificate-name': hostile } } },
    { metadata: { annotations: { 'port80.io/instance': hostile } } },
    { metadata: { labels: { 'app.kubernetes.io/managed-by': hostile } } },
    { metadata: { ownerReferences: [{ ...owner, kind: hostile, name: hostile }] } },
    { type: 'Opaque', data: { cert: base64('SECRET') } },
  ]
  for (const parts of rows) {
    const fault = refusalOf(secretOf(parts), terms) ?? ''
    t.match(fault, /^[\x20-\x7e]{1,500}$/)
    t.notMatch(fault, /SECRET|U0VDUkVU|<script/)
  }
  t.end()
})
