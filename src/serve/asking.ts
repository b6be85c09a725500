/** Whom the worker asks for a token before the CA does: the responders of the configuration, and what the CA comes through. */
import { frontDoorAt } from '../challenge/ask.ts'
import type { Responder } from '../challenge/served.ts'
import type { GatewayConfig } from '../config/destination-schema.ts'
import type { Config } from '../config/schema.ts'
import type { KubeResponders } from '../kube/responders.ts'
import { lookupBy } from '../reach/lookup.ts'
import { Port80Failure } from '../reason.ts'
import type { Cluster } from './cluster.ts'
import type { Live } from './live.ts'

/** One question to one place; a responder answers in milliseconds or not at all. */
const askMs = 2_000

/** The name in the cluster by which the responders are asked; undefined where none is configured. */
export async function internalHostOf(config: Config, cluster: Cluster): Promise<string | undefined> {
  if (!config.responders) return undefined
  const [{ internalHost }, namespace] = await Promise.all([
    import('../kube/responders.ts'),
    config.store.kubernetes?.namespace ?? cluster().then((open) => open.namespace),
  ])
  const { service } = config.responders
  return internalHost({ service, namespace, clusterDomain: config.kubernetes.clusterDomain })
}

/** Of the configuration in force, asked anew each time; `own` where it names no Service. */
export function askedResponders(
  { config }: Pick<Live, 'config'>,
  cluster: Cluster,
  own: () => readonly Responder[],
): () => Promise<readonly Responder[]> {
  let known: { key: string; pods: KubeResponders } | undefined
  const podsOf = async (service: string, port: number): Promise<KubeResponders> => {
    const key = `${service}:${port}`
    if (known?.key === key) return known.pods
    const [{ kubeResponders }, { client, namespace }] = await Promise.all([
      import('../kube/responders.ts'),
      cluster(),
    ])
    const { clusterDomain } = config().kubernetes
    const pods = kubeResponders({ client, namespace, service, port, clusterDomain, timeoutMs: askMs })
    known = { key, pods }
    return pods
  }
  return async () => {
    const { responders, listeners } = config()
    if (!responders) return own()
    const { service, port = listeners.public.port } = responders
    return orWhyNot(async () => (await podsOf(service, port)).current())
  }
}

/** An API server that hiccups is asked again until the time is up; it is no reason to end the term of the worker. */
async function orWhyNot(found: () => Promise<readonly Responder[]>): Promise<readonly Responder[]> {
  try {
    return await found()
  } catch (error) {
    if (!(error instanceof Port80Failure)) throw error
    const seen = `could not be asked who runs (${error.failure.detail})`
    return [{ id: 'the API server', ask: async () => ({ served: false, seen }) }]
  }
}

/** Each ready pod of the certificate's gateways, or the one URL; none where the self-check is off. */
export async function frontDoorsOf(
  certificate: string,
  live: Pick<Live, 'config' | 'gatewaysOf'>,
  cluster: Cluster,
): Promise<readonly Responder[]> {
  const { selfCheck, resolvers } = live.config()
  if (selfCheck === 'off') return []
  if (!selfCheck.gateways)
    return [frontDoorAt(selfCheck.url, selfCheck.timeout, resolvers && lookupBy(resolvers))]
  const gateways = live.gatewaysOf(certificate)
  return orWhyNot(async () => (await Promise.all(gateways.map((each) => doorsOf(each, cluster)))).flat())
}

async function doorsOf(gateway: GatewayConfig, cluster: Cluster): Promise<readonly Responder[]> {
  const [{ findGatewayPods, gatewayDoors }, { client }] = await Promise.all([
    import('../kube/gateways.ts'),
    cluster(),
  ])
  const ready = gatewayDoors(await findGatewayPods(client, gateway), gateway.httpPort, askMs)
  return ready.length > 0 ? ready : [closedDoor(gateway.namespaces)]
}

/** No gateway at all is not "every gateway answered". */
function closedDoor(namespaces: readonly string[]): Responder {
  return {
    id: `the gateway in namespace ${namespaces.join(', ')}`.slice(0, 200),
    ask: async () => ({ served: false, seen: 'has no ready pod that matches its selector' }),
  }
}
