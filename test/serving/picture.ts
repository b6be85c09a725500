import t from 'tap'
import type { LastingFinding } from '../../src/finding/reported.ts'
import { pictureOf } from '../../src/serving/picture.ts'
import type { State } from '../../src/serving/sight.ts'
import type { Target } from '../../src/serving/targets.ts'
import { certificate } from '../certificate/fixtures/builders.ts'

const host = 'book.example.com'
const target: Target = {
  ...{ certificate: certificate({}), name: 'book', destination: 'Secret edge/book', hosts: [host] },
  doors: { namespace: 'edge', selector: {}, port: 443 },
  ...{ held: '0A', heldIsNewest: true },
}
const sight = (verdict: State['verdict'], decided: boolean) => ({
  target,
  state: {
    ...{ held: '0A', since: 0, measured: false, nextAt: 0, verdict, checkedAt: 5 },
    ...{ looks: [{ pod: 'edge/a', host, serial: '0B' }], picked: new Map<string, number>() },
  },
  decided,
})
const found = (code: LastingFinding['code'], name: string): LastingFinding => ({
  ...{ code, object: { kind: 'Secret', namespace: 'edge', name }, host, seen: 'before', since: 1 },
  ...{ lastSeen: 2, from: 'serving', fix: { do: 'act', words: 'mend it' } },
})
const before = { findings: [found('P80-401', 'book'), found('P80-402', 'book'), found('P80-401', 'other')] }

const rows: { name: string; verdict: State['verdict']; decided: boolean; seen: readonly string[] }[] = [
  {
    name: 'a new leader waits: what the one before found stands',
    verdict: 'waiting',
    decided: false,
    seen: ['before'],
  },
  {
    name: 'its own time is over: its own words',
    verdict: 'differs',
    decided: true,
    seen: ['edge/a serves serial 0B, stored is 0A'],
  },
  { name: 'it is well', verdict: 'proven', decided: true, seen: [] },
  { name: 'the next pair comes, and is waited for', verdict: 'waiting', decided: true, seen: [] },
]
for (const { name, verdict, decided, seen } of rows)
  t.test(name, async (t) => {
    const { findings, served } = pictureOf([sight(verdict, decided)], before)
    t.strictSame(
      findings.map((each) => each.seen),
      seen,
    )
    t.match(served, [{ certificate: 'book', pod: 'edge/a', matches: false }])
  })
