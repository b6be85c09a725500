/**
 * `port80 serve`: builds the parts of its role, starts them in the order of what the outside needs first, stops them in
 * the reverse.
 *
 *   start  public server ─► admin server ─► "listening" ─► (load) worker ─► watch the configuration
 *   stop   unready · worker ends and gives up leadership ─► wait ─► drain ─► admin server ─► exit
 *
 * A responder has no worker, a worker no public server. Nothing that fails after "listening" ends the process: it is shown,
 * and the public server goes on. Nothing before it waits for a cluster.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config } from '../config/schema.ts'
import { startAdmin, type AdminServer } from './admin-part.ts'
import { internalHostOf } from './asking.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { followConfig } from './config-part.ts'
import { buildPublic, type PublicServer } from '../http/public.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import type { Held } from '../state/leadership.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import type { Health } from '../worker/supervisor.ts'
import { redirectCounter, type RedirectCounter } from '../traffic/redirect-counter.ts'
import { createWake, pause, type Wake } from '../worker/wake.ts'
import { liveOf, type Live } from './live.ts'
import { publicSettings, type HeardHost } from './public-settings.ts'
import { reportedBoard, type ReportedBoard } from './reported.ts'
import type { ServeRole } from './role.ts'
import { openStores, type Followed, type Stores } from './stores.ts'
import type { Look } from './view.ts'
import { runWorker } from './worker-part.ts'

export interface ServeOptions {
  readonly config: Config
  readonly role: ServeRole
  /** Undefined: embedded defaults, nothing to watch. */
  readonly path?: string
  /** Of what was loaded: a change between loading and watching is seen too. */
  readonly fingerprint: string
  readonly log: Logger
  readonly version: string
  /** The first signal. */
  readonly stop: AbortSignal
  /** The second signal: everything ends at once. */
  readonly now: AbortSignal
}

/** What the parts share while the process runs. */
export interface Running {
  readonly options: ServeOptions
  readonly cluster: Cluster
  readonly live: Live
  readonly stores: Stores
  readonly metrics: Metrics
  readonly health: Health
  readonly wake: Wake
  /** Another one at each start: counts of this process begin at 0 with it. */
  readonly life: string
  /** Undefined: a worker. */
  readonly publicServer: PublicServer | undefined
  /** What the public server of this process redirected. */
  readonly traffic: RedirectCounter
  /** Resolves when the public server has answered its last request. */
  readonly drained: PromiseWithResolvers<void>
  /** Of the worker's last tick; forgotten when it stops leading. */
  look: Look | undefined
  /** What lint, preflight, canary and the others found while this worker leads. */
  readonly reported: ReportedBoard
  /** While this worker leads. */
  held: Held | undefined
  /** The name by which the worker asks this responder, once it is known. */
  internalHost: string | undefined
  /** Hosts that a responder knows from the leader alone (src/serve/heard-hosts.ts). */
  heardHosts: readonly HeardHost[]
  /** What the admin server shows. */
  snapshot: () => Promise<StatusSnapshot>
  /** How far the tokens of a cluster are known; undefined for a folder. */
  followed: Followed | undefined
}

/** Resolves when everything has ended. Rejects with ListenFault when a port cannot be had. */
export async function serve(options: ServeOptions): Promise<void> {
  const running = await startPublic(options)
  const { live, publicServer } = running
  let admin: AdminServer | undefined
  try {
    const following = followConfig(running)
    admin = await startAdmin(running, following.state)
    announce(running, admin)
    const worker = options.role === 'responder' ? Promise.resolve() : runWorker(running)
    await stopped(options.stop)
    const bounds = live.config().listeners.stop
    options.log.info({ unreadyWaitMs: publicServer ? bounds.unreadyWait : 0 }, 'stopping')
    options.now.addEventListener('abort', () => publicServer?.destroy(), { once: true })
    const drained = publicServer?.stop(bounds).finally(() => running.drained.resolve())
    const [report] = await Promise.all([drained, orAtOnce(worker, options.now)])
    following.stop()
    options.log.info({ cutConnections: report?.cut ?? 0 }, 'stopped')
  } finally {
    publicServer?.destroy()
    await running.followed?.stop()
    await admin?.close()
  }
}

async function startPublic(options: ServeOptions): Promise<Running> {
  const { config, role, log, version } = options
  const cluster = clusterOf(config, version)
  const stores = openStores(config, log, { cluster, readOnly: role === 'responder' })
  const traffic = redirectCounter(Date.now())
  const metrics = createMetrics(traffic)
  const publicServer =
    role === 'worker'
      ? undefined
      : await buildPublic({
          settings: publicSettings(config),
          challenges: stores.challenges,
          observer: metrics.public,
          traffic,
          log,
        })
  await publicServer?.listen()
  const live = liveOf(config, { cluster, mayWrite: async () => (await running.held?.stillHeld()) ?? false })
  const health: Health = { role: role === 'responder' ? 'off' : 'starting', restarts: 0 }
  const running: Running = {
    ...{ options, cluster, live, stores, metrics, health, publicServer, wake: createWake() },
    ...{ reported: reportedBoard(Date.now), traffic, life: randomUUID(), drained: Promise.withResolvers() },
    ...{ look: undefined, held: undefined, internalHost: undefined, followed: undefined, heardHosts: [] },
    snapshot: () => Promise.reject(new Error('the admin server is not built yet')),
  }
  if (publicServer) {
    running.followed = stores.follow?.()
    void nameResponder(running, publicServer)
  }
  return running
}

const nameAgainMs = 5_000

/** The name holds the namespace, which only the cluster knows where the configuration does not say. */
async function nameResponder(running: Running, publicServer: PublicServer): Promise<void> {
  const { live, cluster, options } = running
  while (!options.stop.aborted && live.config().responders) {
    try {
      running.internalHost = await internalHostOf(live.config(), cluster)
      publicServer.apply(publicSettings(live.config(), running.internalHost, running.heardHosts))
      return
    } catch {
      // Why not, the store says, which is reached by the same way.
      await pause(nameAgainMs, options.stop).catch(() => undefined)
    }
  }
}

function announce({ options, publicServer }: Running, admin: AdminServer): void {
  const { path, version, role, log } = options
  const config = path ?? 'embedded defaults'
  log.info({ public: publicServer?.address()?.port, admin: admin.port, config, role, version }, 'listening')
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function orAtOnce(work: Promise<void>, now: AbortSignal): Promise<void> {
  return Promise.race([work, stopped(now)])
}
