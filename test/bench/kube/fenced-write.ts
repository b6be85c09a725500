/** A leader that sleeps through its Lease wakes up with a write in its hand: it must not land on what the next one wrote. */
import t from 'tap'
import { leaseLeadership } from '../../../src/kube/lease.ts'
import { secretDestination } from '../../../src/kube/secret-destination.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { otherProcess } from '../../fixtures/other-process.ts'
import { until } from '../fixtures/until.ts'
import type { CandidateOptions } from './fixtures/candidate.ts'
import { startCluster } from './fixtures/cluster.ts'
import { lead, writePairs } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const name = 'port80-worker'
const durations = { lease: 3_000, renewDeadline: 2_000, retryPeriod: 400 }
const pair = () => makePair({ notBefore: Date.now() - 1_000, notAfter: Date.now() + 3_600_000, newKey: true })

for (const guarded of [true, false]) {
  t.test(guarded ? 'the Lease is read before the write' : 'the plan was made for another pair', async (t) => {
    const namespace = await cluster.namespace()
    const rights = { [namespace]: [...lead(name), ...writePairs(['book'])] }
    const { environment, folder } = await cluster.account(namespace, rights)
    const sleeper = await otherProcess(t, new URL('./fixtures/candidate.ts', import.meta.url))
    const options: CandidateOptions = { environment, folder, namespace, name, durations }
    t.equal(await sleeper.call('acquire', options), true)
    t.equal(await sleeper.call('plan', namespace, guarded), 'absent')
    const late = sleeper.call('install', await pair())
    sleeper.signal('SIGSTOP')
    const early = await Promise.race([
      late.then(
        () => true,
        () => true,
      ),
      new Promise((r) => setTimeout(r, 200, false)),
    ])

    const { client } = await cluster.account(namespace, rights)
    // Its own term must outlast this test, however busy the machine is; it waits for what the Lease says.
    const next = leaseLeadership({ client, namespace, name })
    await next.whenFree(new AbortController().signal)
    const held = await until(() => next.tryAcquire(), Boolean, { what: 'the next one leads' })
    const destination = secretDestination({
      client,
      namespace,
      instance: 'port80',
      secretName: (each) => each,
    })
    const newer = await pair()
    await destination.install('book', newer)

    // Whatever came through before it was stopped was its right; from here on nothing may.
    sleeper.signal('SIGCONT')
    if (!early) await late.catch(() => undefined)
    await t.rejects(sleeper.call('install', await pair()), {
      message: guarded ? /another pair|another worker may be leading/ : /another pair than when it was read/,
    })
    t.strictSame(await destination.read('book'), { state: 'present', pair: newer })
    t.equal(await held?.stillHeld(), true)
    await held?.release()
  })
}
