import t from 'tap'
import {
  challengeText,
  fileNameOf,
  isChallengeFileName,
  readChallenge,
} from '../../src/challenge/challenge-record.ts'
import { challengeOf } from './fixtures/store-contract.ts'

t.test('the file name tells tokens apart that differ only in case, on any file system', async (t) => {
  const names = ['Ab', 'aB', 'ab', 'AB'].map(fileNameOf)
  t.equal(new Set(names).size, 4)
  t.ok(names.every((name) => name === name.toLowerCase() && name.startsWith('ab.')))
})

t.test('the longest token gives a file name that every file system takes', async (t) => {
  const name = fileNameOf('Z'.repeat(128))
  t.ok(name.length < 255)
  t.ok(isChallengeFileName(name))
})

t.test('tokens that share their first hundred characters have different files', async (t) => {
  t.not(fileNameOf('a'.repeat(127) + 'b'), fileNameOf('a'.repeat(127) + 'c'))
})

t.test('what is written is read', async (t) => {
  const challenge = challengeOf('round-trip')
  t.strictSame(readChallenge(fileNameOf(challenge.token), challengeText(challenge)), { ok: challenge })
})

t.test('a responder answers what a newer leader presents with a member more', async (t) => {
  const challenge = challengeOf('grown')
  const text = JSON.stringify({ ...JSON.parse(challengeText(challenge)), more: 1 })
  t.strictSame(readChallenge(fileNameOf('grown'), text), { ok: challenge })
})

const good = JSON.parse(challengeText(challengeOf('token'))) as Record<string, unknown>
const rows: [string, string, RegExp][] = [
  ['an empty file', '', /not JSON/],
  ['half a file', JSON.stringify(good).slice(0, 40), /not JSON/],
  ['another document', '{"hello":"world"}', /not a challenge of this version: v/],
  ['a later version', JSON.stringify({ ...good, v: 2 }), /not a challenge of this version: v/],
  ['another token', challengeText(challengeOf('other')), /another token than its name says/],
  ['markup as answer', JSON.stringify({ ...good, keyAuthorization: 'token.<b>' }), /keyAuthorization/],
  ["another token's answer", JSON.stringify({ ...good, keyAuthorization: 'other.x' }), /keyAuthorization/],
]
for (const [name, text, fault] of rows) {
  t.test(`a file with ${name} is a fault that names no content`, async (t) => {
    const read = readChallenge(fileNameOf('token'), text)
    t.match(read, { fault })
    t.notMatch(JSON.stringify(read), /thumb|<b>|world/)
  })
}
