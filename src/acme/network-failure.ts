/** What went wrong on the way to the CA, as a member of the closed set. */
import { Port80Failure } from '../reason.ts'
import { sanitizeDetail } from './printable.ts'

/**
 * Codes of OpenSSL's verification and of Node's host name check: the peer answered, but is not who it should be. That is a
 * matter of trust settings (caBundle) and never of the weather.
 */
const untrusted = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** `host` is of the configuration or of the CA's directory; the message of a socket error holds addresses and no secret. */
export function networkFailure(error: NodeJS.ErrnoException, host: string): Port80Failure {
  const code = error.code ?? firstCode(error)
  const detail = sanitizeDetail(`${host}: ${code ?? error.message}`)
  if (code !== undefined && untrusted.has(code)) return failure('CaUntrusted', detail, error)
  // What answers there does not speak HTTP.
  if (code?.startsWith('HPE_')) return failure('CaAnswerUnusable', detail, error)
  return failure('CaUnreachable', detail, error)
}

/** Several addresses were tried (Happy Eyeballs): an AggregateError without a code of its own. */
function firstCode(error: Error): string | undefined {
  const [first] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : []
  return first?.code
}

function failure(reason: 'CaUntrusted' | 'CaAnswerUnusable' | 'CaUnreachable', detail: string, cause: Error) {
  return new Port80Failure({ reason, detail }, { cause })
}

export function unusable(detail: string): Port80Failure {
  return new Port80Failure({ reason: 'CaAnswerUnusable', detail: sanitizeDetail(detail) })
}

/** Whoever aborts may say why with a Port80Failure (LeadershipLost); otherwise we are stopping. */
export function abortedBy(signal: AbortSignal): Port80Failure {
  const why: unknown = signal.reason
  return why instanceof Port80Failure ? why : new Port80Failure({ reason: 'Aborted', detail: 'stopped' })
}
