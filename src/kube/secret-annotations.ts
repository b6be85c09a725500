/**
 * What a Secret says about the certificate in it, for `kubectl describe secret`: port80.io/status, reason and
 * renewal-time. Pure. (port80.io/names, issuer and not-after are of the pair, and are written together with it.)
 * No words that age: a moment is its own annotation, and nothing is counted down.
 */
import type { CertificateStatus } from '../status/snapshot.ts'
import type { PairWords } from './tls-secret.ts'

type PlaceState = CertificateStatus['destinations'][number]['state']

/** Undefined where there is nothing of ours to describe. */
export function wordsOfSecret(certificate: CertificateStatus, destination: string): PairWords | undefined {
  const place = certificate.destinations.find(({ id }) => id === destination)
  if (place === undefined) return undefined
  const status = statusOf(certificate, place.state)
  if (status === undefined) return undefined
  const { reason, renewal } = certificate
  return { status, reason, ...(renewal && { renewalAt: renewal.at }) }
}

function statusOf(certificate: CertificateStatus, place: PlaceState): string | undefined {
  switch (place) {
    case 'absent': // no Secret, or nothing in it yet
    case 'foreign': // what is there is not ours to describe
    case 'unreadable':
      return undefined
    case 'placeholder':
      return `NotReady: a self-signed placeholder until a CA has issued${trouble(certificate)}`
    case 'differs':
      return `${validity(certificate)}; a newer certificate is not in place yet${trouble(certificate)}`
    case 'installed':
      return `${validity(certificate)}${trouble(certificate)}`
  }
}

function validity(certificate: CertificateStatus): string {
  const { state, reason, failures } = certificate
  if (state === 'expired') return 'NotReady: has expired'
  if (isRevoked(certificate)) return 'NotReady: was revoked'
  return reason === 'UpToDate' && failures === 0
    ? 'Ready: up to date, has not expired'
    : 'Ready: has not expired'
}

function isRevoked({ reason, failures, attempts }: CertificateStatus): boolean {
  return reason === 'Revoked' || (failures > 0 && attempts[0]?.why === 'Revoked')
}

/** What stands in the way of the next certificate. */
function trouble({ current, reason, failures }: CertificateStatus): string {
  if (reason === 'LimitedByCa') return '; the CA asked to be left alone for a while'
  if (reason === 'OverBudget') return '; the next order waits for room within a limit of the CA'
  if (failures === 0) return ''
  const act = current ? 'renewing' : 'issuing'
  return `; ${act} fails (${failures === 1 ? 'once' : `${failures} times in a row`})`
}
