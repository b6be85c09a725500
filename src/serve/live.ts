/** The configuration in force and what follows from it; replaced as a whole when a new one is accepted. */
import type { Config } from '../config/schema.ts'
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

export function liveOf(config: Config): Live {
  // One object a folder for the whole life: a destination may hold watches or caches.
  const destinations = new Map<string, Destination>()
  const destination = (directory: string) => {
    const known = destinations.get(directory) ?? directoryDestination({ directory })
    destinations.set(directory, known)
    return known
  }
  const derive = (from: Config) => ({ config: from, desired: desiredOf(from), folders: destinationsOf(from) })
  let now = derive(config)
  return {
    config: () => now.config,
    desired: () => now.desired,
    destinationsOf: (name) => (now.folders.get(name) ?? []).map(destination),
    replace(next) {
      now = derive(next)
    },
  }
}
