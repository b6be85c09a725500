/**
 * `port80 serve`: builds the parts, starts them in the order of what the outside needs first, stops them in the reverse.
 *
 *   start  public server ─► admin server ─► "listening" ─► (load) worker ─► watch the configuration
 *   stop   unready · worker ends and gives up leadership ─► wait ─► drain ─► admin server ─► exit
 *
 * Nothing that fails after "listening" ends the process: it is shown, and the public server goes on.
 */
import type { Logger } from 'pino'
import { responderAt } from '../challenge/ask.ts'
import type { Config } from '../config/schema.ts'
import { startAdmin, type AdminServer } from './admin-part.ts'
import { followConfig } from './config-part.ts'
import { buildPublic, type PublicServer } from '../http/public.ts'
import { createMetrics, type Metrics } from '../metrics/metrics.ts'
import type { Held } from '../state/leadership.ts'
import { supervise, type Health } from '../worker/supervisor.ts'
import { createWake, type Wake } from '../worker/wake.ts'
import { liveOf, type Live } from './live.ts'
import { publicSettings } from './public-settings.ts'
import { openStores, type Stores } from './stores.ts'
import type { Look } from './view.ts'

export interface ServeOptions {
  readonly config: Config
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
  readonly live: Live
  readonly stores: Stores
  readonly metrics: Metrics
  readonly health: Health
  readonly wake: Wake
  readonly publicServer: PublicServer
  /** Of the worker's last tick; forgotten when it stops leading. */
  look: Look | undefined
}

/** Resolves when everything has ended. Rejects with ListenFault when a port cannot be had. */
export async function serve(options: ServeOptions): Promise<void> {
  const running = await startPublic(options)
  let admin: AdminServer | undefined
  try {
    const following = followConfig(running)
    admin = await startAdmin(running, following.state)
    announce(running, admin)
    const worker = runWorker(running)
    await stopped(options.stop)
    options.log.info({ unreadyWaitMs: running.live.config().listeners.stop.unreadyWait }, 'stopping')
    options.now.addEventListener('abort', () => running.publicServer.destroy(), { once: true })
    const [report] = await Promise.all([
      running.publicServer.stop(running.live.config().listeners.stop),
      orAtOnce(worker, options.now),
    ])
    following.stop()
    options.log.info({ cutConnections: report.cut }, 'stopped')
  } finally {
    running.publicServer.destroy()
    await admin?.close()
  }
}

async function startPublic(options: ServeOptions): Promise<Running> {
  const live = liveOf(options.config)
  const stores = openStores(options.config, options.log)
  const metrics = createMetrics()
  const publicServer = await buildPublic({
    settings: publicSettings(options.config),
    challenges: stores.challenges,
    observer: metrics.public,
    log: options.log,
  })
  await publicServer.listen()
  const health: Health = { role: 'starting', restarts: 0 }
  return { options, live, stores, metrics, health, wake: createWake(), publicServer, look: undefined }
}

function announce({ options, publicServer }: Running, admin: AdminServer): void {
  const { path, version, log } = options
  log.info(
    { public: publicServer.address()?.port, admin: admin.port, config: path ?? 'embedded defaults', version },
    'listening',
  )
}

/** Resolves when the worker has ended after `stop`; whatever happens to it in between is shown and survived. */
async function runWorker(running: Running): Promise<void> {
  const { options, stores, metrics, health } = running
  const { log } = options
  const nudge = setInterval(() => void wakeForRequests(running), 1_000)
  await supervise(
    {
      leadership: stores.leadership,
      health,
      now: Date.now,
      leading: () => log.info('leading: this worker orders and renews'),
      crashed: (error, restartInMs) => {
        metrics.worker.restarted()
        log.error({ err: error, restartInMs }, 'the worker crashed; it is restarted, the servers go on')
      },
      lead: (held, signal) => leadTerm(running, held, signal).finally(() => (running.look = undefined)),
    },
    options.stop,
  )
  clearInterval(nudge)
}

async function leadTerm(running: Running, held: Held, signal: AbortSignal): Promise<void> {
  const { options, live, stores, metrics, health, wake } = running
  const { lead } = await import('./ordering.ts')
  const tick = (at: number) => {
    health.lastTickAt = at
    metrics.worker.tick(at)
  }
  await lead(
    {
      live,
      stores,
      responders: async () => ownResponder(running),
      observer: { ...metrics.worker, tick },
      acmeObserver: (issuer) => metrics.acme(issuer),
      wake,
      seen: (look) => void (running.look = look),
      userAgent: `port80/${options.version}`,
      log: options.log,
      now: Date.now,
      random: Math.random,
    },
    held,
    signal,
  )
}

/** The public server of this process, asked through its socket like anybody else would. */
function ownResponder({ publicServer }: Running) {
  const address = publicServer.address()
  if (!address || publicServer.state() === 'stopped') return []
  const any = address.address === '::' || address.address === '0.0.0.0'
  return [responderAt(any ? '127.0.0.1' : address.address, address.port, 2_000)]
}

/** The command line leaves its wishes in the store; looking once a second costs one directory read. */
async function wakeForRequests({ stores, health, wake }: Running): Promise<void> {
  if (health.role !== 'leader') return
  const requests = await stores.state.list('request').catch(() => [])
  if (requests.length > 0) wake.now()
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
