/** The ways on which a host is looked at: each ready pod of its gateways, or the one URL of the self-check. */
import { looker, type Door } from '../reach/look.ts'
import type { Looker } from '../reach/looking.ts'
import type { GatewayConfig } from '../config/destination-schema.ts'
import type { Stores } from './stores.ts'
import type { Cluster } from './cluster.ts'
import type { Live } from './live.ts'

export interface DoorShell {
  readonly live: Pick<Live, 'config' | 'desired' | 'gatewaysOf'>
  readonly cluster: Cluster
  readonly challenges: Stores['challenges']
  readonly now: () => number
}

export function openLooker({ live, cluster, challenges, now }: DoorShell): Looker {
  return looker({
    challenges,
    now,
    async doorsOf(host) {
      const { selfCheck } = live.config()
      if (selfCheck === 'off') return []
      if (!selfCheck.gateways) return [doorAt(selfCheck.url, host)]
      const certificates = live.desired().filter(({ domains }) => domains.includes(host))
      const gateways = certificates.flatMap(({ name }) => live.gatewaysOf(name))
      const doors = (await Promise.all(gateways.map((each) => doorsOf(each, cluster)))).flat()
      // Two certificates of one host (two key types) have the same gateway.
      return [...new Map(doors.map((door) => [`${door.at}:${door.way?.port}`, door])).values()]
    },
  })
}

/** The query and path of the template are those of the self-check only; what is looked at is the path of the CA. */
function doorAt(template: string, host: string): Door {
  const name = host.includes(':') ? `[${host}]` : host
  const { hostname, port } = new URL(template.replaceAll('{identifier}', name).replaceAll('{token}', 'look'))
  const address = hostname.replace(/^\[|\]$/g, '')
  return { leg: 'outside', at: address, way: { address, port: port === '' ? 80 : Number(port) } }
}

async function doorsOf(gateway: GatewayConfig, cluster: Cluster): Promise<Door[]> {
  const [{ findGatewayPods }, { client }] = await Promise.all([import('../kube/gateways.ts'), cluster()])
  const pods = await findGatewayPods(client, gateway)
  const doors = pods.flatMap(({ name, namespace, address, ready }): Door[] =>
    ready && address !== undefined
      ? [{ leg: 'inside', at: `${namespace}/${name}`, way: { address, port: gateway.httpPort } }]
      : [],
  )
  const where = gateway.namespaces.join(',') || 'any namespace'
  return doors.length > 0 ? doors : [{ leg: 'inside', at: where.slice(0, 200) }]
}
