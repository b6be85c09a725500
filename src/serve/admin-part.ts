/** The admin server of a running port80: what is ready, what is alive, and the whole picture. */
import { buildAdmin, listenAdmin, type ReadinessPart } from '../http/admin.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import { isStuck } from '../worker/supervisor.ts'
import { ownCounts } from './counting-part.ts'
import { hearHosts } from './heard-hosts.ts'
import type { Running } from './serve.ts'
import { hearsaySnapshot, snapshotter, type ViewShell } from './view.ts'

export interface AdminServer {
  readonly port: number
  close(): Promise<void>
}

/** Listening when it resolves; rejects with ListenFault. */
export async function startAdmin(
  running: Running,
  configuration: () => StatusSnapshot['configuration'],
): Promise<AdminServer> {
  const { options, metrics, live } = running
  const shell: ViewShell = {
    live,
    stores: running.stores,
    own: () => running.look,
    reported: () => running.reported.current(),
    version: options.version,
    configuration,
    worker: () => workerStatus(running),
    now: Date.now,
  }
  const hearsay = running.stores.followStatus?.()
  const hosts = hearsay && hearHosts(running, hearsay)
  const own = snapshotter(shell)
  const heard = hearsay && hearsaySnapshot(shell, hearsay)
  running.snapshot = () => (running.look || !heard ? own() : heard())
  const app = buildAdmin({
    snapshot: async () => withOwnTraffic(await running.snapshot(), running),
    readiness: () => readinessOf(running),
    liveness: () => [livenessOf(running)],
    metrics,
    ...(running.publicServer && { traffic: (from) => ownCounts(running, from) }),
    log: options.log,
  })
  const { host, port } = live.config().listeners.admin
  const address = await listenAdmin(app, { host, port })
  return {
    port: address.port,
    async close() {
      hosts?.stop()
      await hearsay?.stop()
      await app.close()
    },
  }
}

/** Until a leader has summed up, each process tells what it has counted itself. */
function withOwnTraffic(snapshot: StatusSnapshot, { publicServer, traffic }: Running): StatusSnapshot {
  return publicServer && !snapshot.plainHttp
    ? { ...snapshot, plainHttp: traffic.report(snapshot.at) }
    : snapshot
}

/**
 * The worker is no part of readiness where challenges are answered: that goes on while it is down. By itself it is: a
 * roll-out of workers that reach no store must stop.
 */
function readinessOf({ publicServer, followed, health }: Running): ReadinessPart[] {
  const { role } = health
  if (!publicServer)
    return [
      {
        part: 'worker',
        ready: ['leader', 'standby'].includes(role) && health.away === undefined,
        detail: health.away ?? (role === 'crashed' ? health.lastError : undefined) ?? role,
      },
    ]
  const state = publicServer.state()
  return [
    { part: 'public server', ready: state === 'listening', detail: state },
    ...(followed ? [{ part: 'token store', ...followed.state() }] : []),
  ]
}

function workerStatus({ health, look, live }: Running): StatusSnapshot['worker'] {
  const nextWakeAt = look?.plan.nextWakeAt
  const lastError = health.away ?? health.lastError
  return {
    role: health.role,
    stuck: isStuck(health, live.config().worker.tick, Date.now()),
    restarts: health.restarts,
    ...(health.leader !== undefined && { leader: health.leader }),
    ...(health.lastTickAt !== undefined && { lastTickAt: health.lastTickAt }),
    ...(lastError !== undefined && { lastError }),
    ...(nextWakeAt !== undefined && { nextWakeAt }),
  }
}

function livenessOf(running: Running) {
  const { stuck, role } = workerStatus(running)
  return { part: 'worker', alive: !stuck, detail: stuck ? 'its loop has not gone round for minutes' : role }
}
