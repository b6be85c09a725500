import t from 'tap'
import { look, silentFor, startLooking } from '../../src/http/silence.ts'

t.test('silence is the time since bytes were last seen to move', async (t) => {
  const rows: [
    name: string,
    counters: [read: number, written: number, at: number][],
    silentAt2000: number,
  ][] = [
    ['never used', [[0, 0, 500]], 2_000],
    ['used before the first look', [[100, 200, 100]], 1_900],
    [
      'answered meanwhile',
      [
        [100, 200, 100],
        [180, 400, 700],
      ],
      1_300,
    ],
    [
      'answered, then quiet',
      [
        [100, 200, 100],
        [180, 400, 700],
        [180, 400, 1_500],
      ],
      1_300,
    ],
    [
      'asked and not answered',
      [
        [100, 200, 100],
        [180, 200, 700],
      ],
      0,
    ],
    [
      'asked, not answered, long quiet',
      [
        [100, 200, 100],
        [180, 200, 200],
        [180, 200, 1_900],
      ],
      0,
    ],
    ['first request not answered', [[20, 0, 100]], 0],
    [
      'asked, answered in a later look',
      [
        [100, 0, 100],
        [100, 200, 900],
      ],
      1_100,
    ],
  ]
  for (const [name, counters, expected] of rows) {
    let seen = startLooking(0)
    for (const [read, written, now] of counters) seen = look(seen, { read, written, now })
    t.equal(silentFor(seen, 2_000), expected, name)
  }
})
