/** How long the pods of one pair are left alone, however many pairs there are to be seen. */
import t from 'tap'
import { crowdOf, restMs, type State } from '../../src/serving/sight.ts'

const every = 600_000
const since = 1_000_000

interface Row {
  readonly of: string
  readonly verdict: State['verdict']
  /** ms after the installation. */
  readonly after: number
  readonly crowd: number
  readonly refused?: true
  readonly rest: number
}

const rows: readonly Row[] = [
  { of: 'a new pair, at first', verdict: 'waiting', after: 300, crowd: 1, rest: 250 },
  { of: 'a new pair, later', verdict: 'waiting', after: 5_000, crowd: 1, rest: 1_000 },
  { of: 'a hundred new ones: twenty a second', verdict: 'waiting', after: 300, crowd: 100, rest: 5_000 },
  { of: 'more than fit into the period', verdict: 'waiting', after: 300, crowd: 50_000, rest: every },
  { of: 'one in trouble', verdict: 'differs', after: 90_000, crowd: 1, rest: 10_000 },
  { of: 'nobody there to ask', verdict: 'unseen', after: 90_000, crowd: 1, rest: 10_000 },
  { of: 'a thousand in trouble', verdict: 'differs', after: 90_000, crowd: 1_000, rest: 50_000 },
  { of: 'never later than all others', verdict: 'differs', after: 90_000, crowd: 50_000, rest: every },
  { of: 'proven, beside a thousand others', verdict: 'proven', after: 300, crowd: 1_000, rest: every },
  { of: 'undone', verdict: 'proven', after: 90_000, crowd: 0, refused: true, rest: 10_000 },
]

for (const { of, verdict, after, crowd, refused = false, rest } of rows)
  t.test(of, async (t) => {
    const state = { verdict, since, checkedAt: since + after }
    t.equal(restMs(state, { every, refused, crowd, random: 0 }), rest)
  })

t.test('proven ones spread over a tenth of the period more', async (t) => {
  const state = { verdict: 'proven' as const, since, checkedAt: since }
  t.equal(restMs(state, { every, refused: false, crowd: 0, random: 1 }), 1.1 * every)
})

const crowds = [
  { of: 'waiting', crowd: 1 },
  { of: 'differs', crowd: 2 },
  { of: 'unseen', crowd: 2 },
] as const
for (const { of, crowd } of crowds)
  t.test(`with whom one that is ${of} shares the looks`, async (t) => {
    const all = (['waiting', 'proven', 'differs', 'unseen', 'proven'] as const).map((verdict) => ({
      verdict,
    }))
    t.equal(crowdOf(of, all), crowd)
  })
