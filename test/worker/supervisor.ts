import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import type { Leadership } from '../../src/state/leadership.ts'
import { memoryLeadership } from '../../src/state/memory-leadership.ts'
import { isStuck, restartDelay, supervise, type Health, type Role } from '../../src/worker/supervisor.ts'
import { aborted, scene, until } from './fixtures/supervised.ts'

t.setTimeout(60_000)

t.test('milliseconds before a restart', async (t) => {
  const rows = [
    [0, 1_000],
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [6, 32_000],
    [7, 60_000],
    [8, 60_000],
    [10_000, 60_000],
  ] as const
  for (const [crashes, delay] of rows) t.equal(restartDelay(crashes), delay, `crash ${crashes}`)
})

t.test('a worker that is stuck', async (t) => {
  const now = 1_000_000
  const tick = 30_000
  const rows: readonly { name: string; role: Role; ago?: number; stuck: boolean }[] = [
    { name: 'just ticked', role: 'leader', ago: 0, stuck: false },
    { name: 'three ticks and a minute ago', role: 'leader', ago: 150_000, stuck: false },
    { name: 'a millisecond longer', role: 'leader', ago: 150_001, stuck: true },
    { name: 'never ticked', role: 'leader', stuck: false },
    { name: 'a standby does not tick', role: 'standby', ago: 999_000, stuck: false },
    { name: 'a crashed one is restarted, not stuck', role: 'crashed', ago: 999_000, stuck: false },
    { name: 'one that starts', role: 'starting', ago: 999_000, stuck: false },
    { name: 'the clock was set back', role: 'leader', ago: -999_000, stuck: false },
  ]
  for (const { name, role, ago, stuck } of rows) {
    t.test(name, async (t) => {
      const health: Health = { role, restarts: 0, ...(ago !== undefined && { lastTickAt: now - ago }) }
      t.equal(isStuck(health, tick, now), stuck)
    })
  }
})

t.test('leads until it is stopped, and gives up leadership then', async (t) => {
  const leadership = memoryLeadership()
  const { shell, health, stop, roles, crashes } = scene(
    (_number, _held, signal) => aborted(signal),
    leadership,
  )
  const running = supervise(shell, stop.signal)
  await until(() => roles.length > 0)
  t.equal(health.role, 'leader')
  t.type(health.lastTickAt, 'number', 'a first tick that hangs would be noticed')
  t.equal(await leadership.tryAcquire(), undefined)
  stop.abort()
  await running
  t.equal(health.role, 'off')
  t.same(crashes, [])
  t.ok(await leadership.tryAcquire(), 'the next one can lead at once')
})

t.test('a crash is survived: shown, waited for, and begun anew', async (t) => {
  const { shell, health, crashes, stop, roles, terms } = scene(async (number, _held, signal) => {
    if (number === 1) throw new Error(`bug\nwith a line break ${'x'.repeat(1_000)}`)
    await aborted(signal)
  })
  const startedAt = Date.now()
  const running = supervise(shell, stop.signal)
  await until(() => crashes.length === 1)
  t.equal(health.role, 'crashed')
  t.equal(health.restarts, 1)
  t.match(health.lastError, /^bug with a line break x+$/)
  t.equal(health.lastError?.length, 300, 'bounded and printable')
  t.equal(crashes[0]?.delay, 1_000)
  await until(() => terms() === 2)
  t.equal(Date.now() - startedAt >= 990, true, 'not at once')
  t.match(health.lastError, /^bug with/, 'still told when it leads again')
  t.same(roles, ['leader', 'crashed', 'leader'])
  stop.abort()
  await running
})

t.test('a second crash waits longer; stopping does not wait for it', async (t) => {
  const { shell, crashes, stop, health } = scene(async () => {
    throw new Error('again')
  })
  const running = supervise(shell, stop.signal)
  await until(() => crashes.length === 2)
  t.equal(crashes[1]?.delay, 2_000)
  stop.abort()
  await running
  t.equal(health.role, 'off')
  t.equal(crashes.length, 2)
})

t.test('what is no Error is survived too', async (t) => {
  const text = 'text' as unknown as Error
  const { shell, crashes, stop, health } = scene(() => Promise.reject(text))
  const running = supervise(shell, stop.signal)
  await until(() => crashes.length === 1)
  t.equal(health.lastError, 'something that is no Error was thrown')
  stop.abort()
  await running
})

t.test('a store that cannot say who leads is a crash, and survived', async (t) => {
  const broken: Leadership = {
    tryAcquire: () => Promise.reject(new Port80Failure({ reason: 'StoreFailed', detail: 'EACCES' })),
    holder: async () => undefined,
  }
  const { shell, crashes, stop, health, terms } = scene(async () => undefined, broken)
  const running = supervise(shell, stop.signal)
  await until(() => crashes.length === 1)
  t.match(health, { role: 'crashed', lastError: 'StoreFailed: EACCES' })
  t.equal(terms(), 0)
  stop.abort()
  await running
})

t.test('while somebody else leads it stands by, and takes over', async (t) => {
  const leadership = memoryLeadership()
  const first = await leadership.tryAcquire()
  const { shell, health, stop, terms, crashes } = scene(
    (_number, _held, signal) => aborted(signal),
    leadership,
  )
  const running = supervise(shell, stop.signal)
  await until(() => health.role === 'standby')
  t.match(health.leader, /^pid \d+$/)
  await first?.release()
  await until(() => terms() === 1)
  t.match(health, { role: 'leader', leader: undefined })
  stop.abort()
  await running
  t.same(crashes, [])
})

t.test('leadership that is lost is no crash', async (t) => {
  t.test('seen by the signal', async (t) => {
    const { shell, stop, terms, crashes } = scene(async (number, held, signal) => {
      if (number === 1) await held.release()
      await aborted(signal)
    })
    const running = supervise(shell, stop.signal)
    await until(() => terms() === 2)
    t.same(crashes, [])
    stop.abort()
    await running
  })
  t.test('found out by an act', async (t) => {
    const { shell, stop, terms, crashes, health, roles } = scene(async (number, _held, signal) => {
      if (number === 1)
        throw new Port80Failure({ reason: 'LeadershipLost', detail: 'another worker may be leading' })
      await aborted(signal)
    })
    const running = supervise(shell, stop.signal)
    await until(() => health.role === 'standby')
    await until(() => terms() === 2)
    t.same(crashes, [])
    t.equal(health.restarts, 0)
    t.same(roles, ['leader', 'leader'])
    stop.abort()
    await running
  })
})

t.test('what an abort breaks off is no crash', async (t) => {
  const { shell, stop, crashes, health, terms } = scene(async (_number, _held, signal) => {
    await aborted(signal)
    throw new Error('aborted')
  })
  const running = supervise(shell, stop.signal)
  await until(() => terms() === 1)
  stop.abort()
  await running
  t.same(crashes, [])
  t.match(health, { role: 'off', restarts: 0 })
})
