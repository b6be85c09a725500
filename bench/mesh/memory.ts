/** Resident memory of responders and workers, as they tell it themselves, with one certificate and with many. */
import { until } from '../../test/bench/fixtures/until.ts'
import type { PodHandle } from '../../test/bench/mesh/fixtures/install.ts'
import { median, type Figure } from '../figures.ts'
import { settle, type Place } from './place.ts'

export async function memoryWith(place: Place, what: string): Promise<Figure[]> {
  const { port80 } = place
  await settle(15_000)
  const leader = await port80.leader()
  const [workers, answering] = await Promise.all([port80.pods('worker'), port80.pods('responder')])
  const standby = workers.filter(({ name }) => name !== leader.name)
  const row = async (name: string, pods: readonly PodHandle[]): Promise<Figure> => ({
    name: `memory, ${name}, ${what}`,
    value: median(await Promise.all(pods.map((pod) => resident(place, pod)))),
    unit: 'MB',
  })
  return [
    await row('responder', answering),
    await row('leading worker', [leader]),
    await row('standby worker', standby),
  ]
}

async function resident({ port80 }: Place, pod: PodHandle): Promise<number> {
  const { body } = await port80.admin(pod, '/metrics')
  const bytes = /^(?:port80_)?process_resident_memory_bytes (\S+)$/m.exec(body)?.[1]
  if (bytes === undefined) throw new Error(`${pod.name} does not tell its memory`)
  return Number(bytes) / 1e6
}

/** Has further certificates issued, by one change of the values, until there are `total`. */
export async function growTo(place: Place, total: number): Promise<Figure[]> {
  const { mesh, port80 } = place
  const before = (await port80.status()).certificates.length
  const names = Array.from({ length: total - before }, (_, index) => `bulk-${index}`)
  await mesh.pointAtGateways(names.map((name) => `${name}.example.com`))
  const { domains = [] } = port80.values() as { domains?: readonly object[] }
  const more = names.map((name) => ({ hosts: [`${name}.example.com`], secretName: name }))
  const began = Date.now()
  await port80.upgrade({ domains: [...domains, ...more] })
  const ready = async () =>
    (await port80.status()).certificates.filter(({ state }) => state === 'ready').length
  await until(ready, (count) => count >= total, {
    what: `${total} certificates are ready`,
    ms: 600_000,
    every: 2_000,
  })
  const seconds = (Date.now() - began) / 1_000
  const name = `${names.length} more domains by helm upgrade → all issued`
  return [{ name, value: seconds, unit: 's', note: `${total} certificates in all` }]
}
