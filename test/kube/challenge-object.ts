/** Tokens as ConfigMaps, and back: nothing that is no key authorization of its token gets through. */
import t from 'tap'
import { challengeObject, challengeObjectName, readChallengeObject } from '../../src/kube/challenge-object.ts'
import { challengeOf } from '../challenge/fixtures/store-contract.ts'

const challenge = challengeOf('evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA')
const name = challengeObjectName(challenge.token)

t.test('an object holds the challenge, with labels to find it by', (t) => {
  const object = challengeObject(challenge)
  t.strictSame(object, {
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'port80', 'port80.io/kind': 'challenge' } },
    data: { ...challenge, expiresAt: String(challenge.expiresAt) },
  })
  t.strictSame(readChallengeObject({ ...object, metadata: { ...object.metadata, name } }), { ok: challenge })
  t.end()
})

t.test('every token has a name that Kubernetes takes, and no two the same', (t) => {
  const tokens = ['AAAA', 'aaaa', '-a', 'a-', '_', 'x'.repeat(128)]
  const names = tokens.map(challengeObjectName)
  t.equal(new Set(names).size, tokens.length)
  for (const each of names) t.match(each, /^port80-challenge-[0-9a-f]{40}$/)
  t.end()
})

t.test('what is none of ours', (t) => {
  const data = { ...challenge, expiresAt: String(challenge.expiresAt) }
  const rows: [string, Record<string, string> | undefined][] = [
    ['no data', undefined],
    ['no token', { ...data, token: '' }],
    ['the token of another object', { ...data, token: 'other', keyAuthorization: 'other.thumbprint' }],
    ['a key authorization of another token', { ...data, keyAuthorization: 'other.thumbprint' }],
    ['markup', { ...data, keyAuthorization: `${challenge.token}.<script>` }],
    ['no expiry', { ...data, expiresAt: '' }],
    ['an expiry that is no time', { ...data, expiresAt: 'soon' }],
    ['an expiry before all time', { ...data, expiresAt: '-1' }],
    ['an identifier with a line end', { ...data, identifier: 'a\r\nb' }],
  ]
  for (const [row, more] of rows) {
    const read = readChallengeObject({ metadata: { name }, ...(more && { data: more }) })
    t.match(read, { fault: /^[\x20-\x7e]+$/ }, row)
    t.notMatch(JSON.stringify(read), /script|thumbprint/)
  }
  t.end()
})
