/**
 * The configuration in force, what objects of the cluster ask for beside it, and what follows from both; replaced as a whole
 * when a new one is accepted or something else is seen.
 */
import type { GatewayConfig } from '../config/destination-schema.ts'
import type { Config, DestinationConfig } from '../config/schema.ts'
import type { Desired } from '../certificate/certificate.ts'
import { desiredOf, destinationsOf } from '../certificate/desired.ts'
import { directoryDestination } from '../destination/directory.ts'
import type { ObjectRef } from '../discovery/claim.ts'
import { discover } from '../discovery/discover.ts'
import type { SourceStatus } from '../discovery/source-status.ts'
import { emptyView, type View } from '../discovery/view.ts'
import type { Destination } from '../destination/destination.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { secretPlaces, type SecretPlace } from './secret-places.ts'

export interface Live {
  /** With the certificates that objects ask for, behind those of the file. */
  readonly config: () => Config
  readonly desired: () => readonly Desired[]
  /** For Secrets: as of the last `refresh`. */
  readonly destinationsOf: (name: string) => readonly Destination[]
  /** The Secrets among them. */
  readonly secretsOf: (name: string) => readonly SecretPlace[]
  /** Each destination of it, and for a Secret whose pods read it where. */
  readonly readersOf: (name: string) => readonly DestinationReader[]
  /** The gateways that serve the certificate, each once. */
  readonly gatewaysOf: (name: string) => readonly GatewayConfig[]
  /** Looks for what is only known at run time. Never rejects. */
  readonly refresh: () => Promise<void>
  /** Everything that asks afterwards sees the new configuration; nothing ever sees a mixture. */
  readonly replace: (config: Config) => void
  /** The same for what is seen of the cluster. */
  readonly see: (view: View) => void
  /** What became of each object that asks for a certificate; undefined where discovery is off. */
  readonly sources: () => readonly SourceStatus[] | undefined
  /** The objects that ask for this certificate, the oldest first; none for one of the file. */
  readonly originsOf: (name: string) => readonly ObjectRef[]
}

export interface DestinationReader {
  /** Its id. */
  readonly destination: string
  readonly by?: { readonly namespace: string; readonly gateway: GatewayConfig }
}

export interface LiveTerms {
  /** For commands that look and change nothing. */
  readonly readOnly?: boolean
  readonly cluster?: Cluster
  /** Asked before a Secret is written. */
  readonly mayWrite?: () => Promise<boolean>
}

export function liveOf(config: Config, terms: LiveTerms = {}): Live {
  const { readOnly = false, cluster = clusterOf(config, 'cli'), mayWrite = async () => !readOnly } = terms
  const secrets = secretPlaces({ cluster, mayWrite })
  const folder = folders(readOnly)
  let now = derive(config, emptyView)
  const placesOf = (name: string) => now.places.get(name) ?? []
  return {
    config: () => now.config,
    desired: () => now.desired,
    destinationsOf: (name) => {
      const all = placesOf(name).flatMap((each) =>
        each.secret ? secrets.destinationsOf(name, each) : [folder(each)],
      )
      // Two gateways of one namespace may read one Secret.
      return [...new Map(all.map((each) => [each.id, each])).values()]
    },
    secretsOf: (name) => placesOf(name).flatMap((each) => (each.secret ? secrets.placesOf(name, each) : [])),
    readersOf: (name) =>
      placesOf(name).flatMap((each): DestinationReader[] => {
        if (!each.secret) return [{ destination: folder(each).id }]
        const { gateway } = each.secret
        return secrets
          .placesOf(name, each)
          .map(({ destination, namespace }) => ({ destination: destination.id, by: { namespace, gateway } }))
      }),
    gatewaysOf: (name) => gatewaysIn(placesOf(name)),
    refresh: () => secrets.refresh(gatewaysIn([...now.places.values()].flat())),
    replace(next) {
      now = derive(next, now.view)
    },
    see(view) {
      now = derive(now.file, view)
    },
    sources: () => (now.file.discovery ? now.found.sources : undefined),
    originsOf: (name) => now.found.origins.get(name) ?? [],
  }
}

function derive(file: Config, view: View) {
  const found = discover(file, view)
  const config = { ...file, certificates: [...file.certificates, ...found.certificates] }
  return { file, view, found, config, desired: desiredOf(config), places: destinationsOf(config) }
}

/** One object a folder for the whole life: it may hold queues and what it knows of the folder. */
function folders(readOnly: boolean) {
  const known = new Map<string, Destination>()
  return (wanted: Extract<DestinationConfig, { directory: string }>): Destination => {
    const { directory, pathAsSeenByGateway, groupReadable } = wanted
    const key = JSON.stringify([directory, pathAsSeenByGateway, groupReadable])
    const destination =
      known.get(key) ??
      directoryDestination({
        directory,
        groupReadable,
        readOnly,
        ...(pathAsSeenByGateway !== undefined && { pathAsSeenByGateway }),
      })
    known.set(key, destination)
    return destination
  }
}

function gatewaysIn(places: readonly DestinationConfig[]): GatewayConfig[] {
  const all = places.flatMap(({ secret }) => (secret ? [secret.gateway] : []))
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()]
}
