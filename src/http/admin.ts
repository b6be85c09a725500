/**
 * The admin port: /livez, /readyz, /metrics, /status, /status.json and, for the leader, /traffic.json. It only looks: nothing that is sent here changes
 * anything. It answers while the worker, the store or the CA is broken, since that is when it is needed.
 */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Metrics } from '../metrics/metrics.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import type { ReplicaCounts } from '../traffic/replica-counts.ts'
import { limitServer, serverLimits } from './admin-limits.ts'
import {
  livenessAnswer,
  readinessAnswer,
  wantsJson,
  type HealthAnswer,
  type LivenessPart,
  type ReadinessPart,
} from './health.ts'
import { listen } from './listen.ts'
import { shareSnapshot } from './shared-snapshot.ts'
import { addStatusPages } from './status-pages.ts'
import { throttled } from './throttled-log.ts'

export type { LivenessPart, ReadinessPart } from './health.ts'

export interface AdminLog {
  error(fields: object, message: string): void
}

export interface AdminDeps {
  /** May reject and may hang: /status then says so, /metrics leaves the certificates out. */
  readonly snapshot: () => Promise<StatusSnapshot>
  readonly readiness: () => readonly ReadinessPart[]
  readonly liveness: () => readonly LivenessPart[]
  readonly metrics: Metrics
  /** What this process redirected (`from`: days since 1970); absent: it redirects nobody. */
  readonly traffic?: (from: number | undefined) => ReplicaCounts
  readonly log: AdminLog
  /** How long /status and /metrics wait for a snapshot, in milliseconds. Below the 10 s that a scrape may usually take. */
  readonly snapshotDeadline?: number
}

const paths = ['/livez', '/readyz', '/metrics', '/status', '/status.json', '/traffic.json']
const text = 'text/plain; charset=utf-8'
const errorInterval = 10_000

/** A fastify instance that does not listen; `close` ends its server and every connection at once. */
export function buildAdmin(deps: AdminDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    ...serverLimits,
    frameworkErrors: (_error, request, reply) => refuseTarget(request, reply),
  })
  limitServer(app.server)
  app.addHook('onRequest', async (request, reply) => guard(request, reply))
  app.addHook('onClose', async ({ server }) => {
    server.close()
    server.closeAllConnections()
  })
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type(text)
      .send(`Nothing is here. There are ${paths.join(', ')}.\n`),
  )
  app.setErrorHandler((error, request, reply) => {
    deps.log.error({ err: error, path: request.routeOptions.url }, 'an admin request failed')
    return reply.code(500).type(text).send('This went wrong; the log says why.\n')
  })
  app.get('/', async (_request, reply) => reply.redirect('/status', 302))
  addHealth(app, deps)
  addStatus(app, deps)
  addTraffic(app, deps)
  return app
}

/**
 * Takes the port. Rejects with ListenFault, which names the setting (`listeners.admin.port`), its value and the fix.
 * `port` 0 takes a free one.
 */
export async function listenAdmin(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AddressInfo> {
  await app.ready()
  return listen(app.server, { section: 'listeners.admin', host, port })
}

/** For every answer: nothing is stored, framed or sniffed. Methods that could change something are refused first. */
function guard(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  reply.headers({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  })
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  // A body is never read; the connection goes with it.
  reply.headers({ allow: 'GET, HEAD', connection: 'close' })
  return reply.code(405).type(text).send('Only GET and HEAD: nothing can be changed here.\n')
}

/** A target that fastify's router cannot read, such as `/%`. */
function refuseTarget(request: FastifyRequest, reply: FastifyReply): void {
  if (guard(request, reply)) return
  void reply.code(400).type(text).send('The request target cannot be read.\n')
}

function addHealth(app: FastifyInstance, { readiness, liveness }: AdminDeps): void {
  const answer = (
    request: FastifyRequest,
    reply: FastifyReply,
    { status, text: words, json }: HealthAnswer,
  ) => {
    reply.code(status).header('vary', 'accept')
    return wantsJson(request.headers.accept)
      ? reply.type('application/json').send(json)
      : reply.type(text).send(words)
  }
  app.get('/readyz', async (request, reply) => answer(request, reply, readinessAnswer(readiness())))
  app.get('/livez', async (request, reply) => answer(request, reply, livenessAnswer(liveness())))
}

/** Counts alone: what is in it is told in src/traffic/replica-counts.ts. A process that redirects nobody has none. */
function addTraffic(app: FastifyInstance, { traffic }: AdminDeps): void {
  if (!traffic) return
  app.get('/traffic.json', async (request, reply) => {
    const { from } = request.query as { readonly from?: unknown }
    const day = typeof from === 'string' && /^\d{1,6}$/.test(from) ? Number(from) : undefined
    return reply.type('application/json').send(`${JSON.stringify(traffic(day))}\n`)
  })
}

function addStatus(app: FastifyInstance, deps: AdminDeps): void {
  const { metrics, log } = deps
  const share = shareSnapshot(deps.snapshot, deps.snapshotDeadline ?? 5_000)
  const report = throttled<unknown>(
    errorInterval,
    () => performance.now(),
    (error, missed) => log.error({ err: error, missed }, 'the status cannot be had'),
  )
  const snapshot = async (): Promise<StatusSnapshot | undefined> => {
    try {
      return await share()
    } catch (error) {
      report(error)
      return undefined
    }
  }
  const unavailable = (reply: FastifyReply) =>
    reply
      .code(503)
      .type(text)
      .send('The status cannot be had now; the log says why. /livez and /readyz still answer.\n')

  app.get('/metrics', async (_request, reply) => {
    const body = await metrics.text(await snapshot())
    return reply.type(metrics.contentType).send(body)
  })
  app.get('/status.json', async (_request, reply) => {
    const seen = await snapshot()
    return seen ? reply.type('application/json').send(`${JSON.stringify(seen)}\n`) : unavailable(reply)
  })
  addStatusPages(app, { snapshot, unavailable })
}
