/** Leadership on a real Lease: the contract, and what happens to a leader that is killed, stopped, cut off or robbed. */
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { leaseLeadership, type LeaseLeadership } from '../../../src/kube/lease.ts'
import { defaultDurations, type LeaseDurations } from '../../../src/kube/lease-record.ts'
import type { Lease } from '../../../src/kube/object.ts'
import { leadershipContract } from '../../state/fixtures/leadership-contract.ts'
import { until } from '../fixtures/until.ts'
import { startCluster } from './fixtures/cluster.ts'
import { firstTerm, type CandidateOptions } from './fixtures/candidate.ts'
import { otherProcess, type OtherProcess } from '../../fixtures/other-process.ts'
import { lead } from './fixtures/rights.ts'
import { startCut } from './fixtures/cut.ts'

const cluster = await startCluster(t)
const name = 'port80-worker'
/** A fifth of the real ones; what is waited for is the same. */
const quick = { lease: 3_000, renewDeadline: 2_500, retryPeriod: 400 }

/** The real ones: of a leader whose end is not waited for, which a busy machine must not bring. */
const patient = defaultDurations

interface Terms {
  readonly durations?: LeaseDurations
  readonly through?: number
}

async function candidate(namespace: string, terms: Terms = {}): Promise<LeaseLeadership> {
  const { through, durations = patient } = terms
  const { client } = await cluster.account(namespace, { [namespace]: lead(name) }, through)
  return leaseLeadership({ client, namespace, name, durations })
}

/** A candidate in a process of its own, which leads when this resolves. */
async function leaderProcess(t: Test, namespace: string): Promise<OtherProcess> {
  const { environment, folder } = await cluster.account(namespace, { [namespace]: lead(name) })
  const leader = await otherProcess(t, new URL('./fixtures/candidate.ts', import.meta.url))
  const options: CandidateOptions = { environment, folder, namespace, name, durations: quick }
  t.equal(await leader.call('acquire', options), true)
  return leader
}

const renewedAt = ({ spec }: Lease) => Date.parse(spec?.renewTime ?? '')
const leaseIn = (namespace: string) =>
  cluster.must<Lease>('GET', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`)

t.test('two candidates with the rights on their Lease', async (t) => {
  leadershipContract(t, async () => {
    const namespace = await cluster.namespace()
    return { one: await candidate(namespace), other: await candidate(namespace) }
  })
})

t.test('a leader renews, and the Lease counts who came after whom', async (t) => {
  const namespace = await cluster.namespace()
  const durations = { ...quick, renewDeadline: 2_900 }
  const one = await candidate(namespace, { durations })
  const other = await candidate(namespace)
  const first = await firstTerm(one)
  const before = await leaseIn(namespace)
  t.match(before.spec, { leaseDurationSeconds: 3, leaseTransitions: 0 })
  const after = await until(
    () => leaseIn(namespace),
    (lease) => renewedAt(lease) - renewedAt(before) > quick.lease,
    { what: 'renewed for longer than its duration', every: 200 },
  )
  t.equal(after.spec?.acquireTime, before.spec?.acquireTime)
  t.equal(await other.tryAcquire(), undefined, 'still held after longer than its duration')
  await first?.release()
  t.notOk((await leaseIn(namespace)).spec?.holderIdentity)
  const second = await other.tryAcquire()
  t.equal((await leaseIn(namespace)).spec?.leaseTransitions, 1)
  await second?.release()
})

t.test('who waits is told at once when the Lease is given up', async (t) => {
  const namespace = await cluster.namespace()
  const [one, other] = [await candidate(namespace), await candidate(namespace)]
  const held = await firstTerm(one)
  let free = false
  const waiting = other.whenFree(new AbortController().signal).then(() => (free = true))
  await pause(1_000)
  t.equal(free, false)
  await held?.release()
  const released = performance.now()
  await waiting
  const next = await other.tryAcquire()
  t.ok(next)
  t.comment(`led ${(performance.now() - released).toFixed(0)} ms after the release`)
  await next?.release()
})

t.test('a leader that is killed is followed when its Lease runs out, and not before', async (t) => {
  const namespace = await cluster.namespace()
  const leader = await leaderProcess(t, namespace)
  const other = await candidate(namespace)
  const waiting = other.whenFree(new AbortController().signal)
  await pause(1_500)
  await leader.kill()
  const last = renewedAt(await leaseIn(namespace))
  await waiting
  const after = Date.now() - last
  const held = await firstTerm(other)
  t.ok(held)
  t.ok(after >= quick.lease, `${after.toFixed(0)} ms after the last renewal`)
  await held?.release()
})

t.test('a leader that is stopped past its Lease does not believe that it leads', async (t) => {
  const namespace = await cluster.namespace()
  const leader = await leaderProcess(t, namespace)
  t.equal(await leader.call('stillHeld'), true)
  const other = await candidate(namespace)
  leader.signal('SIGSTOP')
  await other.whenFree(new AbortController().signal)
  const held = await until(() => other.tryAcquire(), Boolean, { what: 'the other leads' })
  // Asked before it runs again: the question is the first thing that it does.
  const answer = leader.call('stillHeld')
  leader.signal('SIGCONT')
  t.equal(await answer, false)
  t.equal(await leader.call('aborted'), true)
  await pause(1_500)
  t.equal(await held?.stillHeld(), true, 'and it takes nothing from the new leader')
  await held?.release()
})

t.test('a leader without an API server stops leading before anybody else may begin', async (t) => {
  const namespace = await cluster.namespace()
  const cut = await startCut(t, cluster.api().port)
  const durations = { ...quick, lease: 8_000 }
  const one = await candidate(namespace, { durations, through: cut.port })
  const held = await firstTerm(one)
  cut.freeze()
  const last = renewedAt(await leaseIn(namespace))
  await until(() => held?.signal.aborted, Boolean, { what: 'it gives up', every: 10 })
  const after = Date.now() - last
  t.ok(after < durations.lease, `gave up ${after.toFixed(0)} ms after the last renewal`)
  t.match(held?.signal.reason, { failure: { reason: 'LeadershipLost', detail: /could not be renewed/ } })
  t.equal(await held?.stillHeld(), false)
  await t.rejects(one.tryAcquire(), { message: /^StoreFailed/ })
  cut.thaw()
  const again = await until(() => one.tryAcquire(), Boolean, { what: 'it leads again' })
  t.ok(again, 'its own Lease is its own, without waiting for it to run out')
  await again?.release()
})

t.test('an interruption shorter than the deadline costs nothing', async (t) => {
  const namespace = await cluster.namespace()
  const cut = await startCut(t, cluster.api().port)
  const durations = { lease: 15_000, renewDeadline: 10_000, retryPeriod: 400 }
  const one = await candidate(namespace, { durations, through: cut.port })
  const held = await firstTerm(one)
  for (let round = 0; round < 3; round++) {
    cut.sever()
    await pause(600)
  }
  t.equal(held?.signal.aborted, false)
  t.equal(await held?.stillHeld(), true)
  await held?.release()
})

t.test('a leader whose Lease was taken, emptied or deleted by hand gives up', async (t) => {
  const path = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`
  const rows: [string, (namespace: string) => Promise<unknown>][] = [
    ['taken', (ns) => cluster.must('PATCH', path(ns), { spec: { holderIdentity: 'somebody' } })],
    ['emptied', (ns) => cluster.must('PATCH', path(ns), { spec: { holderIdentity: null } })],
    ['deleted', (ns) => cluster.must('DELETE', path(ns))],
  ]
  for (const [row, act] of rows) {
    const namespace = await cluster.namespace()
    const held = await firstTerm(await candidate(namespace))
    await act(namespace)
    t.equal(await held?.stillHeld(), false, row)
    t.equal(held?.signal.aborted, true)
  }
  for (const [row, act] of rows) {
    const namespace = await cluster.namespace()
    const held = await firstTerm(await candidate(namespace, { durations: quick }))
    await act(namespace)
    await until(() => held?.signal.aborted, Boolean, { what: `${row}: noticed by the next renewal` })
    t.pass(`${row}: noticed without being asked`)
  }
})

t.test('holder says since when a leader is silent that nobody followed', async (t) => {
  const namespace = await cluster.namespace()
  await cluster.must('POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, {
    metadata: { name },
    spec: {
      holderIdentity: 'port80-worker-abc pid 1 0',
      leaseDurationSeconds: 15,
      renewTime: '2020-01-01T00:00:00.000000Z',
    },
  })
  const holder = await (await candidate(namespace)).holder()
  t.equal(holder, 'port80-worker-abc pid 1 0 (silent since 2020-01-01T00:00:00.000000Z)')
})

t.test('rights that are missing are StoreFailed with their name', async (t) => {
  const namespace = await cluster.namespace()
  const { client } = await cluster.account(namespace, {})
  const one = leaseLeadership({ client, namespace, name })
  await t.rejects(one.tryAcquire(), { message: /^StoreFailed: .*may not get leases/ })
  await t.rejects(one.holder(), { message: /^StoreFailed/ })
  const signal = AbortSignal.timeout(30_000)
  await one.whenFree(signal)
  t.equal(signal.aborted, false, 'who cannot watch is not made to wait for ever')
})
