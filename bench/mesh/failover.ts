/** The leader ends, and the next one leads: after SIGKILL (its pod does not come back) and after SIGTERM. */
import { until } from '../../test/bench/fixtures/until.ts'
import { maximum, median, type Figure } from '../figures.ts'
import { settle, workerLog, type Place } from './place.ts'

export interface FailoverOptions {
  readonly kills: number
  readonly stops: number
}

export async function benchFailover(place: Place, { kills, stops }: FailoverOptions): Promise<Figure[]> {
  const killed: number[] = []
  for (let round = 0; round < kills; round += 1) killed.push(await failover(place, 'SIGKILL'))
  process.stderr.write(`  killed ${kills} times\n`)
  const stopped: number[] = []
  for (let round = 0; round < stops; round += 1) stopped.push(await failover(place, 'SIGTERM'))
  process.stderr.write(`  stopped ${stops} times\n`)
  return [
    ...figures('leader killed → next one leads', killed, 15),
    ...figures('leader stopped → next one leads', stopped, 1),
  ]
}

/** Seconds from the signal to the next leader's own word for it. */
async function failover(place: Place, signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
  const { port80, runner, mesh } = place
  await until(
    () => port80.pods('worker'),
    (pods) => pods.length === 2 && pods.every(({ ready }) => ready),
    { what: 'two workers are ready', ms: 120_000 },
  )
  // The standby has seen the Lease renewed since.
  await settle(5_000)
  const leader = await port80.leader()
  const began = Date.now()
  runner.kill(leader, signal)
  // A restarted container has the name of the pod, and would go on with its Lease: the case of a lost node is without it.
  if (signal === 'SIGKILL') {
    const path = `/api/v1/namespaces/${leader.namespace}/pods/${leader.name}?gracePeriodSeconds=0`
    await mesh.must('DELETE', path)
  }
  const next = await until(
    () => workerLog(place).find(({ at, msg }) => at > began && msg.startsWith('leading: ')),
    (line) => line !== undefined,
    { what: 'another worker leads', every: 500 },
  )
  return ((next?.at ?? Number.NaN) - began) / 1_000
}

function figures(name: string, times: readonly number[], seconds: number): Figure[] {
  return [
    { name: `${name}, median`, value: median(times), unit: 's', note: `of ${times.length}` },
    { name: `${name}, slowest`, value: maximum(times), unit: 's', target: { atMost: seconds } },
  ]
}
