/** Documents of the state store as Secrets, and back. */
import t from 'tap'
import type { Secret } from '../../src/kube/object.ts'
import { documentOf, secretNameOf, stateKeyOf, stateSecret } from '../../src/kube/state-secret.ts'
import { partsOf } from '../../src/state/state-key.ts'
import type { StateKey } from '../../src/state/store.ts'

const nameOf = (key: string) => {
  const parts = partsOf(key)
  if (!parts) throw new Error(key)
  return secretNameOf(parts)
}

t.test('readable names where Kubernetes takes them, a hash where it does not', (t) => {
  const rows: [StateKey, RegExp][] = [
    ['certificate/book', /^port80-certificate-book$/],
    ['account/a.b-c', /^port80-account-a\.b-c$/],
    [`holds/${'x'.repeat(100)}`, /^port80-holds-x{100}$/],
    ['account/a..b', /^port80-account\.[0-9a-f]{40}$/],
    ['account/a-', /^port80-account\.[0-9a-f]{40}$/],
    ['account/a.-b', /^port80-account\.[0-9a-f]{40}$/],
    ['request/account.letsencrypt', /^port80-request-account\.letsencrypt$/],
  ]
  for (const [key, name] of rows) t.match(nameOf(key), name, key)
  t.equal(new Set(rows.map(([key]) => nameOf(key))).size, rows.length)
  t.end()
})

function stored(key: StateKey, text: string, more: Partial<Secret> = {}): Secret {
  const made = stateSecret(key, partsOf(key)?.kind ?? 'account', text)
  return { ...made, metadata: { ...made.metadata, name: nameOf(key), resourceVersion: '7' }, ...more }
}

t.test('what was stored is read word for word', (t) => {
  for (const text of ['', '{}', 'ä\u{1f4da}\n', 'x'.repeat(100_000)]) {
    t.strictSame(documentOf(stored('account/a..b', text), 'account/a..b'), { text, version: '7' })
  }
  t.end()
})

t.test('a Secret without data is the empty text: that is how some clients write it back', (t) => {
  const { data: _, ...without } = stored('account/a', '')
  t.strictSame(documentOf(without, 'account/a'), { text: '', version: '7' })
  t.end()
})

t.test('what is no document of that key is a fault, never nothing', (t) => {
  const key: StateKey = 'account/a'
  const good = stored(key, '{}')
  const rows: [string, Secret, RegExp][] = [
    ['another key', stored('account/b', '{}'), /is not the one of account\/a/],
    ['no annotation', { ...good, metadata: { ...good.metadata, annotations: {} } }, /is not the one/],
    [
      'an annotation that is no key',
      { ...good, metadata: { ...good.metadata, annotations: { 'port80.io/state-key': '../a' } } },
      /is not the one/,
    ],
    ['under another name', { ...good, metadata: { ...good.metadata, name: 'copy' } }, /is not the one/],
    ['another member', { ...good, data: { other: 'eA==' } }, /holds no document/],
    ['bytes that are no text', { ...good, data: { document: '/w==' } }, /not UTF-8/],
    [
      'no version',
      { ...good, metadata: { ...good.metadata, resourceVersion: undefined as never } },
      /no version/,
    ],
  ]
  for (const [row, secret, fault] of rows) t.match(documentOf(secret, key), { fault }, row)
  t.equal(stateKeyOf(good), key)
  t.end()
})
