/** The metrics of one port80: what the parts record, and the text that a scrape gets. */
import type { AcmeObserver } from '../acme/action.ts'
import type { PublicObserver } from '../http/public-routes.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import type { RedirectCounter } from '../traffic/redirect-counter.ts'
import { createAcmeObservers } from './acme-observer.ts'
import { statusReadable } from './catalogue.ts'
import { renderGauges } from './exposition.ts'
import { addProcessMetrics } from './process-metrics.ts'
import { createRegistry, gauge } from './prom-client.ts'
import { createPublicObserver, exportTraffic } from './public-observer.ts'
import { samplesOf } from './samples.ts'
import { createWorkerMetrics, type ConfigurationObserver, type WorkerObserver } from './worker-observer.ts'

export interface Metrics {
  readonly public: PublicObserver
  /** The observer for the client of one issuer of the configuration. */
  acme(issuer: string): AcmeObserver
  readonly worker: WorkerObserver & ConfigurationObserver
  readonly contentType: string
  /**
   * Prometheus text format 0.0.4. With `undefined` (the status cannot be had) everything of certificates is left out
   * and port80_status_readable is 0: old values would hide that nobody looks any more.
   */
  text(snapshot: StatusSnapshot | undefined): Promise<string>
}

/** Its own registry and no globals: two in one process do not see each other. */
export function createMetrics(traffic?: Pick<RedirectCounter, 'totals'>): Metrics {
  const registry = createRegistry()
  const readable = gauge(registry, statusReadable)
  const worker = createWorkerMetrics(registry)
  const publicObserver = createPublicObserver(registry)
  if (traffic) exportTraffic(registry, traffic)
  const acme = createAcmeObservers(registry)
  addProcessMetrics(registry)
  return {
    public: publicObserver,
    acme,
    worker: worker.observer,
    contentType: registry.contentType,
    async text(snapshot) {
      if (snapshot) worker.keepOnly(new Set(snapshot.certificates.map(({ name }) => name)))
      readable.set(snapshot ? 1 : 0)
      const recorded = await registry.metrics()
      return snapshot ? `${recorded}\n${renderGauges(samplesOf(snapshot))}` : recorded
    },
  }
}
