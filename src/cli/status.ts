/** `port80 status`: what the running port80 says of itself, else what the store says. */
import { isInPod } from '../kube/in-pod.ts'
import { Port80Failure } from '../reason.ts'
import { clusterOf } from '../serve/cluster.ts'
import { liveOf } from '../serve/live.ts'
import { openStores } from '../serve/stores.ts'
import { hearsaySnapshot, snapshotter } from '../serve/view.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import { renderStatusText } from '../status/text.ts'
import { seeObjects } from './discovered.ts'
import { print, type CommandContext } from './io.ts'
import { exitCodes, type ExitCode } from './usage.ts'

export async function statusCommand(context: CommandContext): Promise<ExitCode> {
  const { io } = context
  const snapshot = (await ofRunning(context)) ?? (await ofLeader(context)) ?? (await ofStore(context))
  print(context, renderStatusText(snapshot, { now: io.now(), colour: io.colour, width: io.width }), snapshot)
  if (!snapshot.store.readable) return exitCodes.unavailable
  return snapshot.certificates.every(({ state }) => state === 'ready')
    ? exitCodes.done
    : exitCodes.notAsWanted
}

/** Undefined when nothing of ours answers there within a second. */
async function ofRunning({ config }: CommandContext): Promise<StatusSnapshot | undefined> {
  // Of a cluster seen from elsewhere, what listens on this machine is another port80.
  if (config.store.kubernetes && !isInPod(process.env)) return undefined
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

/** What the leader in the cluster published; undefined for a folder, and where none has told anything yet. */
async function ofLeader(context: CommandContext): Promise<StatusSnapshot | undefined> {
  const { config, log, io, version } = context
  if (!config.store.kubernetes) return undefined
  const cluster = clusterOf(config, version)
  const { client, namespace } = await cluster()
  const { readPublished } = await import('../kube/published-reader.ts')
  const hearsay = await readPublished(client, namespace)
  if (!hearsay.told) return undefined
  return hearsaySnapshot(
    {
      stores: openStores(config, log, { cluster, readOnly: true }),
      version,
      configuration: () => configurationOf(context),
      worker: () => ({ role: 'off', stuck: false, restarts: 0 }),
      now: () => io.now(),
    },
    { latest: async () => hearsay },
  )()
}

function configurationOf({ configPath, io }: CommandContext): StatusSnapshot['configuration'] {
  return { ...(configPath !== undefined && { path: configPath }), acceptedAt: io.now(), faults: [] }
}

async function ofStore(context: CommandContext): Promise<StatusSnapshot> {
  const { config, log, io, version } = context
  const cluster = clusterOf(config, version)
  const stores = openStores(config, log, { cluster, readOnly: true })
  const live = liveOf(config, { readOnly: true, cluster })
  // What the file asks for is shown all the same.
  await seeObjects(live, cluster).catch((error: unknown) => {
    if (!(error instanceof Port80Failure)) throw error
    io.err(`port80: what Gateways ask for is not known: ${error.failure.detail}\n`)
  })
  const holder = await stores.leadership.holder().catch(() => undefined)
  return snapshotter({
    ...{ live, stores },
    own: () => undefined,
    version,
    configuration: () => configurationOf(context),
    worker: () => ({
      role: 'off',
      stuck: false,
      restarts: 0,
      ...(holder !== undefined && { leader: holder }),
    }),
    now: () => io.now(),
  })()
}
