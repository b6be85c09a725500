import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import type { Leadership } from '../../src/state/leadership.ts'
import { memoryLeadership } from '../../src/state/memory-leadership.ts'
import { supervise } from '../../src/worker/supervisor.ts'
import { aborted, scene, until } from './fixtures/supervised.ts'

t.setTimeout(60_000)

t.test(
  'a store beyond a network that cannot be reached is no crash, and forgotten when it answers',
  async (t) => {
    for (const [name, led] of [
      ['and this one leads', true],
      ['and somebody else leads', false],
    ] as const) {
      t.test(name, async (t) => {
        const memory = memoryLeadership()
        const other = led ? undefined : await memory.tryAcquire()
        let asked = 0
        const remote: Leadership = {
          async tryAcquire() {
            asked += 1
            if (asked === 1) throw new Port80Failure({ reason: 'StoreFailed', detail: 'ECONNREFUSED' })
            return memory.tryAcquire()
          },
          holder: () => memory.holder(),
          whenFree: (signal) => aborted(signal),
        }
        const { shell, crashes, stop, health } = scene((_number, _held, signal) => aborted(signal), remote)
        const told: string[] = []
        const running = supervise({ ...shell, away: (detail) => void told.push(detail) }, stop.signal)
        await until(() => told.length === 1)
        t.match(health, { role: 'standby', away: 'StoreFailed: ECONNREFUSED', restarts: 0 })
        await until(() => asked === 2 && health.away === undefined)
        await until(() => health.role === (led ? 'leader' : 'standby'))
        t.equal(health.lastError, undefined)
        stop.abort()
        await running
        t.same(crashes, [])
        await other?.release()
      })
    }
  },
)
