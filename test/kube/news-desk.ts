/** What becomes of news that the API server does not take, by a server that answers as it is told. */
import t from 'tap'
import { newsDesk } from '../../src/kube/news-desk.ts'
import { badDay } from '../status/fixtures/page-snapshots.ts'
import { fakeApi, json } from './fixtures/api.ts'

const [expired] = badDay.certificates.filter(({ state }) => state === 'expired')
const telling = { certificates: expired ? [{ ...expired, attempts: [], destinations: [] }] : [] }
const object = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'asked' }

/** The answers in their order; the last one for all that is asked later. */
const rows: { name: string; answers: number[]; told: boolean[]; asked: string[] }[] = [
  {
    name: 'a right that is missing: told no more',
    answers: [403],
    told: [true, true],
    asked: ['PATCH'],
  },
  {
    name: 'an outage, and the refusal of a server that knows no Role yet: told when it is taken',
    answers: [503, 403, 404, 201],
    told: [false, false, true, true],
    asked: ['PATCH', 'PATCH', 'PATCH', 'POST'],
  },
]

for (const { name, answers, told, asked } of rows) {
  t.test(name, async (t) => {
    const api = await fakeApi(t, (_, response, turn) => {
      const code = answers[turn - 1] ?? answers.at(-1) ?? 500
      const reason = code === 404 ? 'NotFound' : 'Other'
      json(response, code, { kind: 'Status', metadata: {}, reason, code })
    })
    const desk = newsDesk({
      ...{ client: api.client, instance: 'worker-1' },
      placesOf: () => ({ secrets: [], sources: [object] }),
      mayWrite: async () => true,
      warn: () => undefined,
    })
    desk.begin(undefined)
    for (const each of told) t.equal(await desk.tell(telling, badDay.at), each)
    t.strictSame(
      api.asked.map((line) => line.split(' ')[0]),
      asked,
    )
  })
}
