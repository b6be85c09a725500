/** Whose processes stand behind the measured gateway, and who has which of the machine's two cores meanwhile. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { tryIp } from '../../test/bench/mesh/iproute.ts'
import type { Place } from './place.ts'

export type Server = 'port80' | 'nginx' | 'node:http'

/** Process ids: of the measured gateway's pod, and by server of all its pods. */
export interface Processes extends Readonly<Record<Server, readonly number[]>> {
  readonly envoy: readonly number[]
}

/** Each core is named for whom it belongs to. */
export const cores = { envoy: '0', server: '1' } as const

/** Network namespaces of the pods that run. `yardsticks`: the Kubernetes namespace of `addYardsticks`. */
export function serverPods(place: Place, yardsticks: string): Record<Server, string[]> {
  return {
    port80: podsOf(place, place.port80.namespace, { 'app.kubernetes.io/component': 'responder' }),
    nginx: podsOf(place, yardsticks, { app: 'nginx' }),
    'node:http': podsOf(place, yardsticks, { app: 'node' }),
  }
}

/**
 * Envoy to the one core, every pod that answers behind it to the other, every thread of them; so are port80's workers, which
 * have nothing to do.
 */
export async function pin(place: Place, yardsticks: string): Promise<Processes> {
  const [gateway] = place.mesh.gateways.pods
  const pods = serverPods(place, yardsticks)
  const processes = {
    envoy: processesIn(networkOf(gateway?.ip ?? '')),
    port80: pods.port80.flatMap(processesIn),
    nginx: pods.nginx.flatMap(processesIn),
    'node:http': pods['node:http'].flatMap(processesIn),
  }
  const { envoy, ...servers } = processes
  const workers = podsOf(place, place.port80.namespace, { 'app.kubernetes.io/component': 'worker' })
  await taskset(cores.envoy, envoy)
  await taskset(cores.server, [...Object.values(servers).flat(), ...workers.flatMap(processesIn)])
  return processes
}

function podsOf({ runner }: Place, namespace: string, labels: Readonly<Record<string, string>>): string[] {
  const wanted = Object.entries(labels)
  return runner.pods().flatMap(({ metadata }) => {
    const { name = '', labels: own = {} } = metadata ?? {}
    if (metadata?.namespace !== namespace || !wanted.every(([key, value]) => own[key] === value)) return []
    return runner.network({ namespace, name })?.name ?? []
  })
}

function processesIn(network: string): number[] {
  return tryIp('netns', 'pids', network).split('\n').filter(Boolean).map(Number)
}

/** The network namespace that has this address. Those of other benches come and go meanwhile. */
function networkOf(address: string): string {
  const found = tryIp('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith('p80-'))
    .find((name) => tryIp('-n', name, 'address').includes(`${address}/`))
  if (found === undefined) throw new Error(`no network namespace has the address ${address}`)
  return found
}

async function taskset(core: string, pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    // One that ended meanwhile needs no core.
    await promisify(execFile)('taskset', ['-a', '-c', '-p', core, String(pid)]).catch(() => undefined)
  }
}
