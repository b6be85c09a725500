/** The configuration in force and what follows from it; replaced as a whole when a new one is accepted. */
import type { Config, DestinationConfig } from '../config/schema.ts'
import type { Desired } from '../certificate/certificate.ts'
import { desiredOf, destinationsOf } from '../certificate/desired.ts'
import { directoryDestination } from '../destination/directory.ts'
import type { Destination } from '../destination/destination.ts'

export interface Live {
  readonly config: () => Config
  readonly desired: () => readonly Desired[]
  readonly destinationsOf: (name: string) => readonly Destination[]
  /** Everything that asks afterwards sees the new configuration; nothing ever sees a mixture. */
  readonly replace: (config: Config) => void
}

/** `readOnly`: for commands that look and change nothing. */
export function liveOf(config: Config, { readOnly = false } = {}): Live {
  // One object a destination for the whole life: it may hold queues and what it knows of the folder.
  const destinations = new Map<string, Destination>()
  const destination = (wanted: DestinationConfig) => {
    if (wanted.secret) throw new Error('Secrets are not written by this version yet')
    const { directory, pathAsSeenByGateway, groupReadable } = wanted
    const key = JSON.stringify([directory, pathAsSeenByGateway, groupReadable])
    const known =
      destinations.get(key) ??
      directoryDestination({
        directory,
        groupReadable,
        readOnly,
        ...(pathAsSeenByGateway !== undefined && { pathAsSeenByGateway }),
      })
    destinations.set(key, known)
    return known
  }
  const derive = (from: Config) => ({ config: from, desired: desiredOf(from), places: destinationsOf(from) })
  let now = derive(config)
  return {
    config: () => now.config,
    desired: () => now.desired,
    destinationsOf: (name) => (now.places.get(name) ?? []).map(destination),
    replace(next) {
      now = derive(next)
    },
  }
}
