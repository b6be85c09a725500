/** What the ACME client records of its requests. */
import { acmeMetrics } from './catalogue.ts'
import { counter, histogram, type Registry } from './prom-client.ts'

/** What a request to the CA is for: the resources of RFC 8555 §7.1 and RFC 9773 §4.1. */
export type AcmeAction =
  | 'directory'
  | 'newNonce'
  | 'newAccount'
  | 'account'
  | 'keyChange'
  | 'newOrder'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'finalize'
  | 'certificate'
  | 'revokeCert'
  | 'renewalInfo'

export interface AcmeObserver {
  /** `status` is the HTTP status, or 0 when no answer came; `seconds` from sending to the whole answer. Never throws. */
  request(action: AcmeAction, status: number, seconds: number): void
}

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
