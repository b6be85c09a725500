import { Extension } from '@peculiar/x509'
import { X509Certificate } from 'node:crypto'
import t from 'tap'
import type { LastingFinding } from '../../src/finding/reported.ts'
import { againstNewest, pictureOf } from '../../src/serving/picture.ts'
import type { State } from '../../src/serving/sight.ts'
import type { Target } from '../../src/serving/targets.ts'
import { certificate, record, storedPair } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'

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

t.test(
  'a pair that Envoy is known to refuse: the reason beside what was seen, and what to ask of the CA',
  async (t) => {
    const extensions = [new Extension('1.3.6.1.5.5.7.1.24', false, Buffer.from('3003020105', 'hex'))]
    const [newest, kept] = [await makePair({ extensions }), await makePair()]
    const pairs = [newest, kept].map((pair) => storedPair(pair))
    const serials = [newest, kept].map(({ chainPem }) => new X509Certificate(chainPem).serialNumber)
    const [serial = '', back = ''] = serials
    const of = (refused: boolean): Target => ({
      ...target,
      certificate: certificate({
        record: record({
          pairs,
          ...(refused && {
            refused: {
              ...{ serial, kept: back, at: 1, until: 2, destinations: [target.destination] },
              ...{ pods: ['edge/a'], config: 'x' },
            },
          }),
        }),
      }),
      heldIsNewest: !refused,
    })
    for (const [refused, code] of [
      [true, 'P80-402'],
      [false, 'P80-401'],
    ] as const) {
      const { state, ...rest } = sight(refused ? 'proven' : 'differs', true)
      const refusal = refused ? undefined : againstNewest(of(refused))
      const seen = { ...rest, state: { ...state, refusal }, target: of(refused) }
      t.match(pictureOf([seen], {}).findings, [
        { code, seen: /must-staple/, fix: { words: /without must-staple.*port80 renew/ } },
      ])
    }
  },
)
