/** The objects of the cluster that ask for certificates, followed while the configuration says so. */
import type { DiscoveryConfig } from '../config/discovery-schema.ts'
import type { DiscoverySource } from '../discovery/source.ts'
import { isTrouble, type SourceStatus } from '../discovery/source-status.ts'
import type { View } from '../discovery/view.ts'
import { Port80Failure } from '../reason.ts'
import { pause } from '../worker/wake.ts'
import { publicSettings } from './public-settings.ts'
import type { Running } from './serve.ts'

export interface FollowedObjects {
  /** Follows as these settings say from now on; undefined: nothing. What was seen stays until something else is. */
  adopt(settings: DiscoveryConfig | undefined): void
}

const againMs = 5_000

/** A responder follows nothing: it has no right to, and what it needs of certificates the leader tells. */
export function followObjects(running: Running): FollowedObjects {
  const { options, live } = running
  let followed = ''
  let end = new AbortController()
  const adopt = (settings: DiscoveryConfig | undefined) => {
    const text = JSON.stringify(settings ?? null)
    if (options.role === 'responder' || text === followed) return
    followed = text
    end.abort()
    end = new AbortController()
    if (settings) void follow(running, settings, end.signal)
  }
  adopt(live.config().discovery)
  return { adopt }
}

/** Resolves when the signal aborts. A cluster that cannot be reached yet is tried for ever. */
async function follow(running: Running, settings: DiscoveryConfig, signal: AbortSignal): Promise<void> {
  const { log } = running.options
  const told = new Map<string, string>()
  let source: DiscoverySource | undefined
  signal.addEventListener('abort', () => void source?.stop(), { once: true })
  while (!signal.aborted && !source) {
    try {
      const [{ client }, { discoverySource }] = await Promise.all([
        running.cluster(),
        import('../discovery/source.ts'),
      ])
      if (signal.aborted) return
      source = discoverySource({
        ...{ client, settings },
        onChange: (view) => void take(running, view, told),
        failed: (err) =>
          log.error({ err }, 'what the cluster asks for could not be taken in; the last stays'),
      })
    } catch (error) {
      const detail = error instanceof Port80Failure ? error.failure.detail : 'InternalError'
      log.warn({ detail, againMs }, 'the cluster cannot be reached for discovery; tried for ever')
      await pause(againMs, signal).catch(() => undefined)
    }
  }
}

async function take(running: Running, view: View, told: Map<string, string>): Promise<void> {
  const { live, publicServer, wake, options } = running
  live.see(view)
  publicServer?.apply(publicSettings(live.config(), running.internalHost, running.heardHosts))
  tell(live.sources() ?? [], told, options.log)
  await live.refresh()
  wake.now()
}

/** What is new since the last time: one line an object, whatever else changes. */
function tell(
  sources: readonly SourceStatus[],
  told: Map<string, string>,
  log: Running['options']['log'],
): void {
  const before = new Map(told)
  told.clear()
  for (const source of sources) {
    const key = `${source.object}\n${source.secret ?? ''}`
    const text = JSON.stringify(source)
    told.set(key, text)
    if (before.get(key) === text) continue
    if (isTrouble(source.state)) log.warn(source, 'an object asks for a certificate in vain')
    else log.info(source, 'an object asks for a certificate')
  }
  for (const key of before.keys()) {
    const [object] = key.split('\n')
    if (!told.has(key)) log.info({ object }, 'an object no longer asks for a certificate; nothing is deleted')
  }
}
