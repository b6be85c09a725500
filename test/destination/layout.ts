import t from 'tap'
import { nextVersion, outdatedVersions, versionNumber } from '../../src/destination/layout.ts'

for (const [name, number] of [
  ['..v1', 1],
  ['..v42', 42],
  ['..v0', undefined],
  ['..v01', undefined],
  ['v1', undefined],
  ['..data', undefined],
  ['..2026_11_24_10_00_00.123', undefined],
  ['..v1/../x', undefined],
] as const) {
  t.test(`${name} ${number === undefined ? 'is no version' : 'is a version'}`, async (t) => {
    t.equal(versionNumber(name), number)
  })
}

t.test('the next version is above all there are, whatever else is there', async (t) => {
  t.equal(nextVersion([]), 1)
  t.equal(nextVersion(['..v9', '..v10', 'tls.crt', '..data']), 11)
})

const now = 1_800_000_000_000
const complete = (...numbers: number[]) =>
  numbers.map((number) => ({ name: `..v${number}`, complete: true, changedAt: 0 }))
const half = (number: number, age: number) => ({
  name: `..v${number}`,
  complete: false,
  changedAt: now - age,
})

const rows: [string, Parameters<typeof outdatedVersions>, string[]][] = [
  ['three stay', [complete(1, 2, 3), '..v3', now], []],
  ['older ones go', [complete(1, 2, 3, 4, 10), '..v10', now], ['..v2', '..v1']],
  ['the current one stays, however old', [complete(1, 2, 3, 4), '..v1', now], ['..v2']],
  ['nothing goes while none is in force', [complete(1, 2, 3, 4, 5), undefined, now], []],
  [
    'one that is being written stays and counts for none',
    [[...complete(1, 2, 3), half(4, 1_000)], '..v3', now],
    [],
  ],
  ['an abandoned one goes', [[...complete(1, 2, 3), half(4, 7_200_000)], '..v3', now], ['..v4']],
  [
    'what is no version is not touched',
    [[{ name: 'tls.crt', complete: false, changedAt: 0 }], '..v1', now],
    [],
  ],
]
for (const [name, input, gone] of rows) {
  t.test(name, async (t) => t.strictSame(outdatedVersions(...input), gone))
}
