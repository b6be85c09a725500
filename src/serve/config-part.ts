/** Following the configuration file, and the objects that ask for more: a good change is put in force, a bad one is refused and shown. */
import { formatFaults } from '../config/fault.ts'
import { inForce, restartNeeded } from '../config/restart.ts'
import type { Config } from '../config/schema.ts'
import { watchConfig } from '../config/watch.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import { followObjects, type FollowedObjects } from './discovery-part.ts'
import { publicSettings } from './public-settings.ts'
import type { Running } from './serve.ts'

export interface FollowedConfig {
  /** For status. */
  readonly state: () => StatusSnapshot['configuration']
  readonly stop: () => void
}

export function followConfig(running: Running): FollowedConfig {
  const { options, metrics, wake } = running
  const { path, log } = options
  const end = new AbortController()
  const objects = followObjects(running)
  let state: StatusSnapshot['configuration'] = {
    ...(path !== undefined && { path }),
    acceptedAt: Date.now(),
    faults: [],
  }
  metrics.worker.configAccepted(state.acceptedAt)
  if (path !== undefined) {
    watchConfig({
      path,
      inForce: options.fingerprint,
      signal: end.signal,
      async onAccepted(next) {
        const waiting = await putInForce(running, objects, next)
        state = { path, acceptedAt: Date.now(), faults: [] }
        metrics.worker.configAccepted(state.acceptedAt)
        log.info({ restartNeeded: waiting }, 'configuration accepted')
        wake.now()
      },
      onRefused(faults) {
        state = { ...state, faults: faults.map(({ path: at, value, fix }) => ({ path: at, value, fix })) }
        metrics.worker.configRefused(faults.length)
        log.error({ faults: state.faults }, 'configuration refused; the old one stays in force')
        log.debug(formatFaults(faults, path))
      },
    }).catch((error: unknown) => log.error({ err: error }, 'the configuration is no longer watched'))
  }
  const stop = () => {
    end.abort()
    objects.adopt(undefined)
  }
  return { state: () => state, stop }
}

/** Resolves with the paths of what takes effect at the next start only. */
async function putInForce(running: Running, objects: FollowedObjects, next: Config): Promise<string[]> {
  const { options, live, publicServer } = running
  const waiting = restartNeeded(live.config(), next)
  const config = inForce(live.config(), next)
  live.replace(config)
  objects.adopt(config.discovery)
  publicServer?.apply(publicSettings(live.config(), running.internalHost, running.heardHosts))
  // A responder has no right to look for gateways, and no need.
  if (options.role !== 'responder') await live.refresh()
  options.log.level = config.log.level
  return waiting
}
