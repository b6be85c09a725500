import t from 'tap'
import type { Finding } from '../../src/finding/finding.ts'
import type { LastingFinding } from '../../src/finding/reported.ts'
import { runRounds, type RoundsShell } from '../../src/lint/rounds.ts'
import type { Judgement } from '../../src/lint/run.ts'
import { Port80Failure } from '../../src/reason.ts'

const wrong: Finding = {
  ...{ code: 'P80-101', object: { kind: 'Gateway', namespace: 'shop', name: 'shop' } },
  ...{ seen: 'httpsRedirect', fix: { do: 'say', text: 'take it out' } },
} as unknown as Finding

interface Step {
  readonly every?: number
  readonly settings?: object
  readonly judged?: Judgement | Error
}

const file = {}
const well: Judgement = { findings: [], remarks: [] }
const ill: Judgement = { findings: [wrong], remarks: ['pods: forbidden; left out'] }

/** Walks through the steps, one a minute of a clock that only `pause` moves, and says what was told. */
async function walk(steps: readonly Step[]) {
  const told: (string | undefined)[] = []
  const sinces: (number | undefined)[] = []
  const logs: string[] = []
  const failed: unknown[] = []
  const end = new AbortController()
  let step = 0
  let now = 0
  let judged = 0
  const shell: RoundsShell = {
    settings: () => steps[step]?.settings ?? file,
    every: () => steps[step]?.every,
    async judge() {
      judged += 1
      const says = steps[step]?.judged ?? well
      if (says instanceof Error) throw says
      return says
    },
    tell(findings: readonly LastingFinding[] | undefined) {
      told.push(findings?.map(({ code }) => code).join(' '))
      sinces.push(findings?.[0]?.since)
    },
  }
  const data: object[] = []
  const log = (each: object, text: string) => {
    data.push(each)
    logs.push(text)
  }
  await runRounds(
    shell,
    {
      log: { info: log, warn: log },
      now: () => now,
      random: () => 0.5,
      async pause() {
        now += 60_000
        step += 1
        if (step === steps.length) end.abort()
      },
      failed: (error) => void failed.push(error),
    },
    end.signal,
  )
  return { told, sinces, logs, data, failed, judged }
}

const every = 600_000
const away = new Port80Failure({ reason: 'StoreFailed', detail: 'the API server is away' })

t.test('nothing is read while it is off', async (t) => {
  const { judged, told } = await walk([{}, {}])
  t.equal(judged, 0)
  t.strictSame(told, [])
})

t.test('once at the start, and again when it is due', async (t) => {
  t.equal((await walk(Array.from({ length: 21 }, () => ({ every })))).judged, 3)
})

t.test('every minute while something is wrong, which lasts since it was first seen', async (t) => {
  const { told, sinces } = await walk([
    { every, judged: ill },
    { every, judged: ill },
    { every, judged: well },
    { every, judged: ill },
  ])
  t.strictSame(told, ['P80-101', 'P80-101', ''])
  t.strictSame(sinces, [0, 0, undefined])
})

t.test('at once by another configuration', async (t) => {
  t.equal((await walk([{ every }, { every, settings: {} }, { every, settings: file }])).judged, 3)
})

t.test('switched off, what was told is taken back', async (t) => {
  t.strictSame((await walk([{ every, judged: ill }, {}, {}])).told, ['P80-101', undefined])
})

t.test('a cluster that cannot be read takes nothing back, and is asked again within a minute', async (t) => {
  const { told, failed, judged, logs } = await walk([
    { every, judged: ill },
    { every, judged: away },
    { every, judged: away },
    { every, judged: well },
  ])
  t.strictSame(told, ['P80-101', ''])
  t.strictSame(failed, [])
  t.equal(judged, 4)
  t.equal(logs.filter((text) => /cannot be read/.test(text)).length, 1, 'and that is said once')
})

t.test('a bug of ours is told, and ends nothing', async (t) => {
  const bug = new TypeError('undefined is not a function')
  const { told, failed } = await walk([
    { every, judged: bug },
    { every, judged: well },
  ])
  t.strictSame(told, [''])
  t.strictSame(failed, [bug])
})

t.test('what cannot be judged is said once', async (t) => {
  const { logs } = await walk([
    { every, judged: ill },
    { every, judged: ill },
  ])
  t.equal(logs.length, 1)
})

t.test('that everything can be judged again is no line that says the contrary', async (t) => {
  const { logs } = await walk([
    { every, judged: ill },
    { every, judged: well },
  ])
  t.equal(logs.length, 1)
})

t.test('of very many remarks the log has the first, and how many more there are', async (t) => {
  const remarks = Array.from({ length: 1_000 }, (_, index) => `${index} ${'x'.repeat(10_000)}`)
  const { data } = await walk([{ every, judged: { findings: [], remarks } }])
  t.match(data, [{ more: 980 }])
  t.ok(JSON.stringify(data).length < 12_000)
})
