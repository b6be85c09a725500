/** The ways on which a host is looked at: each ready pod of its gateways and each public address, or one URL. */
import { looker, type Door, type Ways } from '../reach/look.ts'
import { caaIdentitiesOf } from '../reach/issuer-names.ts'
import { defaultFrontDoor } from '../config/self-check-schema.ts'
import type { Looker } from '../reach/looking.ts'
import type { GatewayConfig } from '../config/destination-schema.ts'
import type { Config } from '../config/schema.ts'
import type { Stores } from './stores.ts'
import type { Cluster } from './cluster.ts'
import type { Live } from './live.ts'

export interface DoorShell {
  readonly live: Pick<Live, 'config' | 'desired' | 'gatewaysOf'>
  readonly cluster: Cluster
  readonly challenges: Pick<Stores['challenges'], 'present' | 'cleanUp'>
  readonly now: () => number
  /** Of a command, which looks although the self-check is off. Outside a pod, gateway pods may be out of reach. */
  readonly command?: { readonly inPod: boolean }
}

/** Somebody waits: with the DNS before it, and the cluster before and behind it, below three seconds. */
const promptMs = { inside: 1_600, outside: 1_000 } as const

export function openLooker({ live, cluster, challenges, now, command }: DoorShell): Looker {
  return looker({
    ...{ challenges, now },
    ...(command && { askMs: promptMs }),
    async waysOf(host) {
      const { selfCheck } = live.config()
      if (selfCheck === 'off' && !command) return { doors: [] }
      const certificates = live.desired().filter(({ domains }) => domains.includes(host))
      const template = selfCheck === 'off' ? defaultFrontDoor : (selfCheck.url ?? defaultFrontDoor)
      const outside = outsideOf(template, host, live.config(), certificates[0]?.issuer)
      if (selfCheck === 'off' || !selfCheck.gateways) return outside
      const gateways = certificates.flatMap(({ name }) => live.gatewaysOf(name))
      const doors = (await Promise.all(gateways.map((each) => doorsOf(each, cluster)))).flat()
      return {
        ...outside,
        // Two certificates of one host (two key types) have the same gateway.
        doors: [...new Map(doors.map((door) => [`${door.at}:${door.way?.port}`, door])).values()],
        ...(command?.inPod === false && { fromAfar: true }),
      }
    },
  })
}

/**
 * Address by address where the URL goes to the identifier itself; one that goes elsewhere is the one door. The query and path
 * of the template are those of the self-check only: what is looked at is the path of the CA.
 */
function outsideOf(
  template: string,
  host: string,
  config: Pick<Config, 'issuers' | 'resolvers'>,
  issuer: string | undefined,
): Ways {
  const name = host.includes(':') ? `[${host}]` : host
  const url = new URL(template.replaceAll('{identifier}', name).replaceAll('{token}', 'look'))
  const address = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? 80 : Number(url.port)
  const own = new URL(`http://${name}`).hostname === url.hostname
  if (!own) return { doors: [{ leg: 'outside', at: address, way: { address, port } }] }
  const identities = issuer === undefined ? undefined : caaIdentitiesOf(config, issuer)
  return { doors: [], outside: { port, resolvers: config.resolvers, identities } }
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
