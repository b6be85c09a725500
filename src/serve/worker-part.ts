/** The worker of a running port80: kept going beside the servers, and given what a term of leadership takes. */
import { responderAt } from '../challenge/ask.ts'
import type { Responder } from '../challenge/served.ts'
import type { Held } from '../state/leadership.ts'
import { supervise } from '../worker/supervisor.ts'
import { countTerm } from './counting-part.ts'
import { askedResponders, frontDoorsOf } from './asking.ts'
import { openLooker } from './doors.ts'
import { outageMemory } from './outage.ts'
import type { OrderingShell } from './ordering.ts'
import { openReporting, type Reporting } from './reporting.ts'
import type { Running } from './serve.ts'
import { storesOfTerm } from './term-stores.ts'

/** Resolves when the worker has ended after `stop`; whatever happens to it in between is shown and survived. */
export async function runWorker(running: Running): Promise<void> {
  const { options, stores, metrics, health } = running
  const { log } = options
  const isNews = outageMemory(Date.now)
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
      away: (detail, againInMs) => {
        if (isNews(detail))
          log.warn({ detail, againInMs }, 'the worker cannot reach the store; tried for ever')
      },
      lead: (held, signal) => leadTerm(running, held, signal),
    },
    options.stop,
  )
}

async function leadTerm(running: Running, held: Held, signal: AbortSignal): Promise<void> {
  const { stores, wake, reported } = running
  const { lead } = await import('./ordering.ts')
  running.held = held
  const unwatch = stores.watchRequests(() => wake.now())
  const reporting = openReporting(running, held)
  const counting = countTerm(running, storesOfTerm(stores, held).state)
  try {
    await lead(shellOfTerm(running, held, reporting), held, signal)
  } finally {
    await counting?.close()
    await reporting.close()
    reported.forget()
    running.look = undefined
    running.held = undefined
    await unwatch()
  }
}

function shellOfTerm(running: Running, held: Held, reporting: Reporting): OrderingShell {
  const { options, live, stores, metrics, health, wake, cluster, reported } = running
  const tick = (at: number) => {
    health.lastTickAt = at
    metrics.worker.tick(at)
  }
  const ofTerm = storesOfTerm(stores, held)
  return {
    ...{ live, wake, reported },
    stores: ofTerm,
    responders: askedResponders(live, cluster, () => ownResponder(running)),
    frontDoors: (certificate) => frontDoorsOf(certificate, live, cluster),
    looker: openLooker({ live, cluster, challenges: ofTerm.challenges, now: Date.now }),
    cluster,
    proving: { cluster, pickedUp: (pickup) => metrics.worker.pickedUp(pickup) },
    observer: { ...metrics.worker, tick },
    acmeObserver: (issuer) => metrics.acme(issuer),
    seen(look) {
      running.look = look
      reporting.changed()
    },
    userAgent: `port80/${options.version}`,
    log: options.log,
    now: Date.now,
    random: Math.random,
  }
}

/** The public server of this process, asked through its socket like anybody else would. */
function ownResponder({ publicServer, live }: Running): readonly Responder[] {
  if (!publicServer) return live.config().store.kubernetes ? [unnamed] : []
  const address = publicServer.address()
  if (!address || publicServer.state() === 'stopped') return []
  const any = address.address === '::' || address.address === '0.0.0.0'
  return [responderAt(any ? '127.0.0.1' : address.address, address.port, 2_000)]
}

/** Responders elsewhere that nobody named cannot be asked, and a CA that asks one too early costs a failed authorization. */
const unnamed: Responder = {
  id: 'responders.service',
  ask: async () => ({
    served: false,
    seen: 'is not configured, and a worker has no public server of its own; write the headless Service of the responders',
  }),
}
