/** Whose processes stand behind the measured gateway, and who has which of the machine's two cores meanwhile. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { tryIp } from '../../test/bench/mesh/iproute.ts'
import type { Place } from './place.ts'

/** Process ids: of the measured gateway's pod, and by server of all its pods. */
export interface Processes {
  readonly envoy: readonly number[]
  readonly port80: readonly number[]
  readonly nginx: readonly number[]
  readonly 'node:http': readonly number[]
}

/** The core that the load shares; each core is named for whom it belongs to. */
export const cores = { envoy: '0', server: '1' } as const

/**
 * Envoy to the one core, every pod that answers behind it to the other, every thread of them; so are port80's workers, which
 * have nothing to do. `yardsticks`: the namespace of `addYardsticks`.
 */
export async function pin(place: Place, yardsticks: string): Promise<Processes> {
  const { mesh, port80 } = place
  const [gateway] = mesh.gateways.pods
  const envoy = processesIn(networkOf(gateway?.ip ?? ''))
  const ofPort80 = (component: string) =>
    processesOf(place, port80.namespace, { 'app.kubernetes.io/component': component })
  const servers = {
    port80: ofPort80('responder'),
    nginx: processesOf(place, yardsticks, { app: 'nginx' }),
    'node:http': processesOf(place, yardsticks, { app: 'node' }),
  }
  for (const [name, pids] of Object.entries(servers))
    if (pids.length === 0) throw new Error(`${name} has no process`)
  await taskset(cores.envoy, envoy)
  await taskset(cores.server, [...Object.values(servers).flat(), ...ofPort80('worker')])
  return { envoy, ...servers }
}

function processesOf(
  { runner }: Place,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): number[] {
  const wanted = Object.entries(labels)
  return runner.pods().flatMap(({ metadata }) => {
    const { name = '', labels: own = {} } = metadata ?? {}
    if (metadata?.namespace !== namespace || !wanted.every(([key, value]) => own[key] === value)) return []
    const network = runner.network({ namespace, name })
    return network ? processesIn(network.name) : []
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
