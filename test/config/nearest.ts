import fc from 'fast-check'
import t from 'tap'
import { distance, nearest } from '../../src/config/nearest.ts'

const keys = ['issuers', 'certificates', 'destinations', 'store', 'redirect', 'log']

const rows: { word: string; means: string | undefined }[] = [
  { word: 'isuers', means: 'issuers' },
  { word: 'issuer', means: 'issuers' },
  { word: 'certificats', means: 'certificates' },
  { word: 'certifciates', means: 'certificates' },
  { word: 'Redirect', means: 'redirect' },
  { word: 'lgo', means: 'log' },
  { word: 'email', means: undefined },
  { word: '', means: undefined },
  { word: 'x'.repeat(10_000), means: undefined },
]

for (const { word, means } of rows) {
  t.test(`"${word.slice(0, 20)}" means ${means ?? 'nothing known'}`, (t) => {
    t.equal(nearest(word, keys), means)
    t.end()
  })
}

const distances: { a: string; b: string; is: number }[] = [
  { a: '', b: '', is: 0 },
  { a: '', b: 'abc', is: 3 },
  { a: 'abc', b: '', is: 3 },
  { a: 'abc', b: 'abc', is: 0 },
  { a: 'abc', b: 'abd', is: 1 },
  { a: 'abc', b: 'acb', is: 1 },
  { a: 'abc', b: 'ab', is: 1 },
  { a: 'kitten', b: 'sitting', is: 3 },
]

for (const { a, b, is } of distances) {
  t.test(`from "${a}" to "${b}" it is ${is}`, (t) => {
    t.equal(distance(a, b), is)
    t.end()
  })
}

t.test('the distance is the same both ways and no longer than the longer word', (t) => {
  const word = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      const is = distance(a, b)
      return is === distance(b, a) && is <= Math.max(a.length, b.length) && (is === 0) === (a === b)
    }),
  )
  t.end()
})
