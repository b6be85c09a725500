/** `port80 status`: what the running port80 says of itself, else what the store says. */
import { liveOf } from '../serve/live.ts'
import { openStores } from '../serve/stores.ts'
import { snapshotter } from '../serve/view.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import { renderStatusText } from '../status/text.ts'
import { print, type CommandContext } from './io.ts'
import { exitCodes, type ExitCode } from './usage.ts'

export async function statusCommand(context: CommandContext): Promise<ExitCode> {
  const { io } = context
  const snapshot = (await ofRunning(context)) ?? (await ofStore(context))
  print(context, renderStatusText(snapshot, { now: io.now(), colour: io.colour, width: io.width }), snapshot)
  if (!snapshot.store.readable) return exitCodes.unavailable
  return snapshot.certificates.every(({ state }) => state === 'ready')
    ? exitCodes.done
    : exitCodes.notAsWanted
}

/** Undefined when nothing of ours answers there within a second. */
async function ofRunning({ config }: CommandContext): Promise<StatusSnapshot | undefined> {
  const { host, port } = config.listeners.admin
  const at = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host
  const url = `http://${at.includes(':') ? `[${at}]` : at}:${port}/status.json`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) })
    const data: unknown = response.ok ? await response.json() : undefined
    return isSnapshot(data) ? data : undefined
  } catch {
    return undefined
  }
}

/** Enough to tell our own answer from that of another program on the port. */
function isSnapshot(data: unknown): data is StatusSnapshot {
  return (
    typeof data === 'object' && data !== null && 'certificates' in data && 'worker' in data && 'store' in data
  )
}

async function ofStore({ config, configPath, log, io, version }: CommandContext): Promise<StatusSnapshot> {
  const stores = openStores(config, log)
  const holder = await stores.leadership.holder().catch(() => undefined)
  return snapshotter({
    live: liveOf(config, { readOnly: true }),
    stores,
    own: () => undefined,
    version,
    configuration: () => ({
      ...(configPath !== undefined && { path: configPath }),
      acceptedAt: io.now(),
      faults: [],
    }),
    worker: () => ({
      role: 'off',
      stuck: false,
      restarts: 0,
      ...(holder !== undefined && { leader: holder }),
    }),
    now: () => io.now(),
  })()
}
