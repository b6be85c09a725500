/** The configuration in force and what follows from it; replaced as a whole when a new one is accepted. */
import type { GatewayConfig } from '../config/destination-schema.ts'
import type { Config, DestinationConfig } from '../config/schema.ts'
import type { Desired } from '../certificate/certificate.ts'
import { desiredOf, destinationsOf } from '../certificate/desired.ts'
import { directoryDestination } from '../destination/directory.ts'
import type { Destination } from '../destination/destination.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { secretPlaces, type SecretPlace } from './secret-places.ts'

export interface Live {
  readonly config: () => Config
  readonly desired: () => readonly Desired[]
  /** For Secrets: as of the last `refresh`. */
  readonly destinationsOf: (name: string) => readonly Destination[]
  /** The Secrets among them. */
  readonly secretsOf: (name: string) => readonly SecretPlace[]
  /** The gateways that serve the certificate, each once. */
  readonly gatewaysOf: (name: string) => readonly GatewayConfig[]
  /** Looks for what is only known at run time. Never rejects. */
  readonly refresh: () => Promise<void>
  /** Everything that asks afterwards sees the new configuration; nothing ever sees a mixture. */
  readonly replace: (config: Config) => void
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
  const derive = (from: Config) => ({ config: from, desired: desiredOf(from), places: destinationsOf(from) })
  let now = derive(config)
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
    gatewaysOf: (name) => gatewaysIn(placesOf(name)),
    refresh: () => secrets.refresh(gatewaysIn([...now.places.values()].flat())),
    replace(next) {
      now = derive(next)
    },
  }
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
