/** The loop of the leader over a store in memory: what outlasts whom. */
import t, { type Test } from 'tap'
import type { Reported } from '../../src/finding/reported.ts'
import { Port80Failure } from '../../src/reason.ts'
import { journalOf } from '../../src/state/journal.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import type { StateStore } from '../../src/state/store.ts'
import { trafficRecord } from '../../src/state/traffic-record.ts'
import { openCounting, unwritten, type Asked } from '../../src/traffic/counting.ts'
import { redirectCounter } from '../../src/traffic/redirect-counter.ts'
import { until } from '../bench/fixtures/until.ts'

const hosts = ['a.test', 'b.test']

/** A process that counts, asked as the leader asks it. */
function replica(at: string) {
  const counter = redirectCounter(Date.now())
  counter.manage(hosts)
  let start = crypto.randomUUID()
  let counting = counter
  return {
    come: (host: string, times = 1) => {
      for (let each = 0; each < times; each++)
        counting.count({ host, reads: true, userAgent: 'curl/8' }, Date.now())
    },
    restart() {
      start = crypto.randomUUID()
      counting = redirectCounter(Date.now())
      counting.manage(hosts)
    },
    told: (from?: number) => ({ start, at, rows: counting.rows(from) }),
  }
}

interface TermOptions {
  readonly replicas: readonly ReturnType<typeof replica>[]
  readonly writeEveryMs?: number
}

function term(t: Test, state: StateStore, { replicas, writeEveryMs = 0 }: TermOptions) {
  let told: Reported = {}
  const warnings: string[] = []
  const asked: (number | undefined)[] = []
  const counting = openCounting({
    ask: async (from): Promise<Asked> => {
      asked.push(from)
      return { told: replicas.map((each) => each.told(from)), present: undefined, silent: [] }
    },
    hosts: () => hosts,
    journal: journalOf(state, 'traffic', trafficRecord),
    tell: (part) => (told = part),
    log: { warn: (fields) => warnings.push(JSON.stringify(fields)) },
    now: Date.now,
    askEveryMs: 5,
    tellEveryMs: 0,
    writeEveryMs,
  })
  t.teardown(() => counting.close())
  const sum = () => (told.plainHttp ?? []).map(({ days }) => days[0]?.redirects)
  const says = (...wanted: number[]) =>
    until(
      async () => sum(),
      (seen) => String(seen) === String(wanted),
      { what: wanted.join(), every: 5 },
    )
  return { says, sum, told: () => told, warnings, asked, close: () => counting.close() }
}

/** As the store is after so many writes, however they end. */
function counted(state: StateStore) {
  const writes: string[] = []
  const watched: StateStore = {
    ...state,
    write(key, text, expected) {
      writes.push(text)
      return state.write(key, text, expected)
    },
  }
  return { state: watched, writes }
}

t.test('the sum of all, and of the next term', async (t) => {
  const [one, two] = [replica('one'), replica('two')]
  const state = memoryStateStore()
  const first = term(t, state, { replicas: [one, two] })
  one.come('a.test', 3)
  two.come('a.test', 4)
  two.come('stranger.test', 5)
  await first.says(7, 0, 5)
  t.match(first.told().counted, { asked: { replicas: 2, silent: [] } })
  await first.close()
  one.come('b.test')
  const second = term(t, state, { replicas: [one, two] })
  await second.says(7, 1, 5)
  t.same(second.told().counted?.since, first.told().counted?.since, 'counting began when it began')
})

t.test('what a replica that restarts or goes away has counted stays', async (t) => {
  const [one, two] = [replica('one'), replica('two')]
  const state = memoryStateStore()
  const first = term(t, state, { replicas: [one, two] })
  one.come('a.test', 3)
  two.come('b.test', 4)
  await first.says(3, 4, 0)
  one.restart()
  one.come('a.test', 2)
  await first.says(5, 4, 0)
  await first.close()
  const second = term(t, state, { replicas: [one] })
  await second.says(5, 4, 0)
})

t.test('it is written seldom, only when something changed, and at the end of a term', async (t) => {
  const one = replica('one')
  const { state, writes } = counted(memoryStateStore())
  const first = term(t, state, { replicas: [one], writeEveryMs: 3_600_000 })
  one.come('a.test', 3)
  await first.says(3, 0, 0)
  t.equal(writes.length, 0, 'not at once')
  await first.close()
  t.equal(writes.length, 1)
  const second = term(t, state, { replicas: [one] })
  await until(
    async () => second.asked.length,
    (rounds) => rounds > 5,
    { what: 'rounds', every: 5 },
  )
  await second.close()
  t.equal(writes.length, 1, 'the same is not written again')
})

t.test('once it is written, only the newest days are asked for', async (t) => {
  const one = replica('one')
  one.come('a.test')
  const { asked, says } = term(t, memoryStateStore(), { replicas: [one] })
  await says(1, 0, 0)
  await until(
    async () => asked.at(-1),
    (from) => from !== undefined,
    { what: 'days', every: 5 },
  )
  t.equal(asked[0], undefined)
  t.equal(asked.at(-1), Math.floor(Date.now() / 86_400_000) - 1)
})

t.test('a store that does not write: said, told once, and nothing is lost once it does', async (t) => {
  const one = replica('one')
  const memory = memoryStateStore()
  let broken = true
  const state: StateStore = {
    ...memory,
    async write(key, text, expected) {
      if (broken) throw new Port80Failure({ reason: 'StoreFailed', detail: 'the disk is full' })
      return memory.write(key, text, expected)
    },
  }
  const first = term(t, state, { replicas: [one] })
  one.come('a.test', 3)
  await first.says(3, 0, 0)
  await until(
    async () => first.told().counted?.fault,
    (fault) => fault === 'the disk is full',
    { what: 'fault' },
  )
  one.restart()
  one.come('a.test', 1)
  await first.says(4, 0, 0)
  broken = false
  await until(
    async () => first.told().counted?.fault,
    (fault) => fault === undefined,
    { what: 'no fault' },
  )
  t.equal(first.warnings.length, 1)
  await first.close()
  await term(t, memory, { replicas: [] }).says(4, 0, 0)
})

t.test('a record that is not ours is left alone', async (t) => {
  const state = memoryStateStore()
  await state.write('traffic/redirects', '{"v":7}', undefined)
  const one = replica('one')
  one.come('a.test', 2)
  const first = term(t, state, { replicas: [one] })
  await first.says(2, 0, 0)
  t.match(first.told().counted?.fault, /is not a record of this version/)
  await first.close()
  t.equal((await state.read('traffic/redirects'))?.text, '{"v":7}')
})

t.test('two that believe to lead double nothing', async (t) => {
  const one = replica('one')
  const state = memoryStateStore()
  const [first, second] = [term(t, state, { replicas: [one] }), term(t, state, { replicas: [one] })]
  for (let each = 1; each <= 20; each++) {
    one.come('a.test')
    await Promise.all([first.says(each, 0, 0), second.says(each, 0, 0)])
  }
  await first.close()
  await second.close()
  await term(t, state, { replicas: [one] }).says(20, 0, 0)
})

t.test('of lives that are over the latest are kept, however long a store refuses', async (t) => {
  const life = (start: string) => ({ start, at: 'pod', rows: [] })
  let told: ReturnType<typeof unwritten> = new Map()
  for (let each = 0; each < 1_000; each++) told = unwritten(told, [life('stays'), life(`life-${each}`)])
  t.equal(told.size, 52)
  t.ok(told.has('stays') && told.has('life-999') && told.has('life-949'))
  t.notOk(told.has('life-948'))
})
