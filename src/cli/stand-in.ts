/**
 * Leading for one request: the command line as the worker, when no other runs. It orders nothing but what was asked
 * for, and answers the challenges itself when nobody listens on the public port yet.
 */
import { responderAt } from '../challenge/ask.ts'
import type { Responder } from '../challenge/served.ts'
import type { Config } from '../config/schema.ts'
import { ListenFault } from '../http/listen.ts'
import { buildPublic, type PublicServer } from '../http/public.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { frontDoorsOf } from '../serve/asking.ts'
import { clusterOf } from '../serve/cluster.ts'
import { liveOf } from '../serve/live.ts'
import { publicSettings } from '../serve/public-settings.ts'
import { reportedBoard } from '../serve/reported.ts'
import type { Stores } from '../serve/stores.ts'
import type { Held } from '../state/leadership.ts'
import { createWake } from '../worker/wake.ts'
import type { CommandContext } from './io.ts'

export interface StandIn {
  readonly context: CommandContext
  readonly stores: Stores
}

/** Leads until `done`; gives leadership up on every exit. */
export async function leadFor(
  held: Held,
  done: () => Promise<boolean>,
  { context, stores }: StandIn,
): Promise<void> {
  const { config, log, io, invocation, version } = context
  const metrics = createMetrics()
  const end = new AbortController()
  const watch = setInterval(() => {
    void done().then((is) => is && end.abort())
  }, 100)
  const cluster = clusterOf(config, version)
  const live = liveOf(only(config, invocation.operand), { cluster, mayWrite: () => held.stillHeld() })
  const server = await listenIfFree(context, stores, metrics.public)
  try {
    const { lead } = await import('../serve/ordering.ts')
    await lead(
      {
        ...{ live, stores },
        responders: async () => respondersOf(server, config),
        frontDoors: (certificate) => frontDoorsOf(certificate, live, cluster),
        observer: metrics.worker,
        acmeObserver: (issuer) => metrics.acme(issuer),
        wake: createWake(),
        seen: () => undefined,
        reported: reportedBoard(Date.now),
        userAgent: `port80/${version}`,
        log,
        now: () => io.now(),
        random: Math.random,
      },
      held,
      AbortSignal.any([end.signal, held.signal]),
    )
  } finally {
    clearInterval(watch)
    server?.destroy()
    await held.release()
  }
}

/** The configuration with the one certificate that the request is about. */
function only(config: Config, name: string | undefined): Config {
  return { ...config, certificates: config.certificates.filter((certificate) => certificate.name === name) }
}

/** Undefined when the port is taken: a responder runs there, or it is another program and the self-check will say so. */
async function listenIfFree(
  { config, log }: CommandContext,
  { challenges }: Stores,
  observer: ReturnType<typeof createMetrics>['public'],
): Promise<PublicServer | undefined> {
  const server = await buildPublic({ settings: publicSettings(config), challenges, observer, log })
  try {
    await server.listen()
    return server
  } catch (error) {
    server.destroy()
    if (error instanceof ListenFault) return undefined
    throw error
  }
}

function respondersOf(server: PublicServer | undefined, config: Config): Responder[] {
  const port = server?.address()?.port ?? config.listeners.public.port
  const { host } = config.listeners.public
  return [responderAt(host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host, port, 2_000)]
}
