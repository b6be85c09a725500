/**
 * Secrets as destinations: which namespaces they go into is found at run time, from the pods of the gateway. Whoever plans
 * looks first (`refresh`), so that one plan is made and carried out for the same places.
 */
import type { GatewayConfig, SecretDestinationConfig } from '../config/destination-schema.ts'
import type { Destination } from '../destination/destination.ts'
import type { SecretDestination } from '../kube/secret-destination.ts'
import { Port80Failure } from '../reason.ts'
import type { Cluster } from './cluster.ts'

export interface SecretPlace {
  readonly destination: SecretDestination
  readonly namespace: string
  readonly name: string
}

export interface SecretPlaces {
  /** Looks for the pods of these gateways. Never rejects: what fails is a fault of the destinations behind it. */
  refresh(gateways: readonly GatewayConfig[]): Promise<void>
  /** As of the last look; none before it and where nothing was found. */
  placesOf(certificate: string, wanted: SecretDestinationConfig): readonly SecretPlace[]
  /** The same, or one destination that fails with what is wrong and how to mend it. */
  destinationsOf(certificate: string, wanted: SecretDestinationConfig): readonly Destination[]
}

export interface SecretPlacesOptions {
  readonly cluster: Cluster
  /** Asked before every write; a reader never writes. */
  readonly mayWrite: () => Promise<boolean>
}

interface Found {
  readonly namespaces: readonly string[]
  /** Why there are none, or why they may not be up to date. */
  readonly fault?: string
}

const lookDeadlineMs = 5_000

export function secretPlaces(options: SecretPlacesOptions): SecretPlaces {
  const found = new Map<string, Found>()
  const made = new Map<string, SecretPlace>()
  let make: ((namespace: string, name: string, takeOver: boolean) => SecretPlace) | undefined

  const place = (namespace: string, name: string, takeOver: boolean): SecretPlace[] => {
    const key = `${namespace}/${name}/${takeOver}`
    const known = made.get(key) ?? make?.(namespace, name, takeOver)
    if (known) made.set(key, known)
    return known ? [known] : []
  }
  const placesOf: SecretPlaces['placesOf'] = (certificate, { secret }) =>
    (secret.namespaces ?? found.get(keyOf(secret.gateway))?.namespaces ?? []).flatMap((namespace) =>
      place(namespace, secret.name ?? certificate, secret.takeOver),
    )
  return {
    async refresh(gateways) {
      if (gateways.length === 0) return
      make ??= await maker(options).catch(() => undefined)
      const distinct = new Map(gateways.map((gateway) => [keyOf(gateway), gateway]))
      await Promise.all(
        [...distinct].map(async ([key, gateway]) =>
          found.set(key, await look(gateway, options.cluster, found.get(key))),
        ),
      )
    },
    placesOf,
    destinationsOf(certificate, wanted) {
      const places = placesOf(certificate, wanted)
      if (places.length > 0) return places.map(({ destination }) => destination)
      const { secret } = wanted
      const fault = found.get(keyOf(secret.gateway))?.fault ?? 'its gateway was not looked for yet'
      return [nowhere(`Secret ${secret.name ?? certificate} of gateway ${labelsOf(secret.gateway)}`, fault)]
    },
  }
}

/** Running pods count also before they are ready: a gateway may wait for its first certificate. */
async function look(gateway: GatewayConfig, cluster: Cluster, before: Found | undefined): Promise<Found> {
  try {
    const { client } = await cluster()
    const [{ findGatewayPods }, { namespacesOf, faultOfGateway }] = await Promise.all([
      import('../kube/gateways.ts'),
      import('../kube/gateway-pod.ts'),
    ])
    const pods = await findGatewayPods(client, gateway, { deadlineMs: lookDeadlineMs })
    const ready = pods.filter((pod) => pod.ready)
    const fault = faultOfGateway(pods, gateway.namespaces, gateway.selector)
    return {
      namespaces: namespacesOf(ready.length > 0 ? ready : pods, []),
      ...(fault !== undefined && {
        fault: `${fault}; mend destinations[].secret.gateway (selector, namespaces), or start the gateway`,
      }),
    }
  } catch (error) {
    const fault =
      error instanceof Port80Failure ? error.failure.detail : 'the pods of the gateway cannot be listed'
    // What was known goes on: an API server that is away moves no gateway.
    return { namespaces: before?.namespaces ?? [], fault }
  }
}

async function maker({ cluster, mayWrite }: SecretPlacesOptions) {
  const { client, namespace: instance } = await cluster()
  const [{ secretDestination }, { silenceMemory }] = await Promise.all([
    import('../kube/secret-destination.ts'),
    import('../kube/silence.ts'),
  ])
  const silence = silenceMemory()
  return (namespace: string, name: string, takeOver: boolean): SecretPlace => ({
    namespace,
    name,
    destination: secretDestination({
      ...{ client, namespace, instance, mayWrite, takeOver, silence },
      secretName: () => name,
      id: `Secret ${namespace}/${name}`,
    }),
  })
}

function nowhere(id: string, fault: string): Destination {
  const fail = () => Promise.reject(new Port80Failure({ reason: 'DestinationFailed', detail: fault }))
  return { id: id.slice(0, 200), read: fail, install: fail }
}

function keyOf({ namespaces, selector }: GatewayConfig): string {
  return JSON.stringify([namespaces, selector])
}

function labelsOf({ selector }: GatewayConfig): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}
