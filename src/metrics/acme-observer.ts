/** What the ACME client records of its requests. */
import type { AcmeObserver } from '../acme/action.ts'
import { acmeMetrics } from './catalogue.ts'
import { counter, histogram, type Registry } from './prom-client.ts'

const ownLabel = new Set([
  200, 201, 202, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 409, 415, 429, 500, 502, 503, 504,
])

/** The statuses that CAs are known to send by number, any other by its class: a strange server makes no new series. */
export function statusLabel(status: number): string {
  if (ownLabel.has(status)) return String(status)
  const family = Math.floor(status / 100)
  if (family >= 1 && family <= 5) return `${family}xx`
  return 'none'
}

/** `issuer` is a name of the configuration. */
export function createAcmeObservers(registry: Registry): (issuer: string) => AcmeObserver {
  const requests = counter(registry, acmeMetrics.requests)
  const duration = histogram(registry, acmeMetrics.duration)
  return (issuer) => ({
    request(action, status, seconds) {
      const labels = { issuer, action, status: statusLabel(status) }
      requests.inc(labels)
      duration.observe(labels, Number.isFinite(seconds) ? Math.max(0, seconds) : 0)
    },
  })
}
