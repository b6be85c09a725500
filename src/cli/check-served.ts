/** What the https port of each gateway pod shows for a host, beside what port80 has stored. */
import { isIP } from 'node:net'
import { readLeaf } from '../certificate/certificate.ts'
import type { GatewayConfig } from '../config/destination-schema.ts'
import type { Cluster } from '../serve/cluster.ts'
import type { Live } from '../serve/live.ts'
import { openJournals } from '../serve/stores.ts'
import { handshake } from '../serving/handshake.ts'
import type { StateStore } from '../state/store.ts'
import { judgedServed } from './check-judged.ts'
import type { ServedLook } from './check-report.ts'

export interface ServedShell {
  readonly live: Live
  readonly cluster: Cluster
  readonly state: StateStore
}

const askMs = 2_000

interface Place {
  readonly at: string
  readonly address: string
  readonly port: number
}

/**
 * Judged only where a pair of ours is stored: before the first one nothing can be served. Rejects with Port80Failure. Nobody
 * answers any more once the signal has aborted.
 */
export async function lookAtServed(
  host: string,
  shell: ServedShell,
  signal: AbortSignal,
): Promise<ServedLook[]> {
  const { live, state } = shell
  const wanted = live.desired().find(({ domains }) => domains.includes(host))
  if (!wanted || isIP(host) !== 0) return []
  const entry = await openJournals(state).certificates.read(wanted.name)
  const pair = entry.state === 'there' ? entry.record.pairs[0] : undefined
  const stored = pair && readLeaf(pair)
  const destination = destinationOf(wanted.name, live)
  const places = await placesOf(host, wanted.name, shell)
  return Promise.all(
    places.map(async (place) => {
      const seen = await handshake({ ...place, host }, askMs, signal)
      return judgedServed({ host, at: place.at, port: place.port, seen, destination }, stored?.serial)
    }),
  )
}

function destinationOf(certificate: string, { readersOf }: Pick<Live, 'readersOf'>): string {
  return readersOf(certificate)[0]?.destination ?? ''
}

async function placesOf(host: string, certificate: string, { live, cluster }: ServedShell): Promise<Place[]> {
  const gateways = live.gatewaysOf(certificate)
  if (gateways.length === 0) return [{ at: host, address: host, port: live.config().redirect.httpsPort }]
  return (await Promise.all(gateways.map((each) => podsOf(each, cluster)))).flat()
}

async function podsOf(gateway: GatewayConfig, cluster: Cluster): Promise<Place[]> {
  const [{ findGatewayPods }, { client }] = await Promise.all([import('../kube/gateways.ts'), cluster()])
  return (await findGatewayPods(client, gateway)).flatMap(({ name, namespace, address, ready }) =>
    ready && address !== undefined ? [{ at: `${namespace}/${name}`, address, port: gateway.httpsPort }] : [],
  )
}
