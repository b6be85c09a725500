/**
 * Every word port80 uses to say why: one closed union for log field, metric label, status and (later) event.
 * Pure data. A new reason is added here first; the exhaustive switches and docs/failures.md then refuse to build
 * or test until it is answered everywhere.
 */

/** Why a certificate is ordered now. Names follow cert-manager's where it has one (operators know them). */
export const orderReasons = [
  'Missing', // no pair is stored for this certificate
  'Placeholder', // only our own self-signed stand-in is there
  'InvalidPair', // what is stored does not parse
  'KeyMismatch', // key and leaf do not belong together
  'NamesChanged', // the leaf lacks a configured name, or has one that is no longer configured
  'IssuerChanged', // the configuration names another issuer than the one that issued
  'KeyTypeChanged',
  'ProfileChanged',
  'Expired',
  'Revoked', // revoked by `port80 revoke`, or ARI says so
  'RenewalRequested', // `port80 renew NAME`
  'RenewalWindow', // RFC 9773: the chosen moment inside the CA's window has come
  'RenewalTime', // no ARI: the fraction of the lifetime, or renewBefore
] as const
export type OrderReason = (typeof orderReasons)[number]

/** Why nothing is ordered now. */
export const restReasons = [
  'UpToDate',
  'BackingOff', // after a failure: the schedule's next moment has not come
  'LimitedByCa', // a Retry-After of the CA covers this certificate
  'OverBudget', // by our own count the order would cross a limit of the CA
  'StoppedUntilConfigChanges', // a failure that only the operator can mend
  'DestinationsRefused', // each of them holds something of somebody else: nobody could have what would be ordered
  'OrderInFlight',
  'NotLeader',
] as const
export type RestReason = (typeof restReasons)[number]

/**
 * Why an attempt failed. `Acme*` are the CA's own problem types (RFC 8555 §6.7, RFC 9773 §7.4, ACME profiles draft);
 * the others are the transport's, the self-check's and ours.
 */
export const failureReasons = [
  'AcmeAccountDoesNotExist',
  'AcmeAlreadyReplaced',
  'AcmeAlreadyRevoked',
  'AcmeBadCsr',
  'AcmeBadNonce',
  'AcmeBadPublicKey',
  'AcmeBadRevocationReason',
  'AcmeBadSignatureAlgorithm',
  'AcmeCaa',
  'AcmeCompound',
  'AcmeConnection',
  'AcmeDns',
  'AcmeExternalAccountRequired',
  'AcmeIncorrectResponse',
  'AcmeInvalidContact',
  'AcmeInvalidProfile',
  'AcmeMalformed',
  'AcmeOrderNotReady',
  'AcmeRateLimited',
  'AcmeRejectedIdentifier',
  'AcmeServerInternal',
  'AcmeTls',
  'AcmeUnauthorized',
  'AcmeUnsupportedContact',
  'AcmeUnsupportedIdentifier',
  'AcmeUserActionRequired',
  'AcmeUnknownProblem', // a problem document of a type we do not know
  'CaOverloaded', // 503, with or without Retry-After
  'CaUnreachable', // DNS, refused, reset, TLS
  'CaUntrusted', // the CA's own TLS certificate does not verify: configuration (caBundle), not weather
  'CaTimedOut',
  'CaAnswerUnusable', // truncated, not JSON, missing members, too large
  'ChallengeMissing', // the authorization offers no http-01
  'PreflightFailed', // the look before the first order found that the CA cannot come; no order was placed
  'BudgetSpent', // by our own count it would have crossed a limit of the CA; the CA was not asked
  'NotServed', // a responder did not answer the token in time
  'SelfCheckFailed', // the front door answered something else than the key authorization
  'AuthorizationTimedOut', // the CA did not decide within our deadline
  'OrderInvalid', // the CA made the order invalid without a problem we know
  'OrderLost', // 404 for the order URL: dropped or expired at the CA
  'CertificateRejected', // names, key, dates or chain of the answer are not what was ordered
  'PreferredChainMissing',
  'ExternalAccountUnreadable',
  'DestinationFailed',
  'StoreFailed',
  'LeadershipLost',
  'Aborted', // we are stopping: not counted as a failure of the certificate
  'InternalError', // a bug of ours; never hides behind another reason
] as const
export type FailureReason = (typeof failureReasons)[number]

export type Reason = OrderReason | RestReason | FailureReason

/** What to do about a failure (house rule 5). Times are epoch milliseconds. */
export type Verdict =
  { readonly do: 'retry' } | { readonly do: 'waitUntil'; readonly at: number } | { readonly do: 'stop' }

/** One failed act, as it is stored, shown and logged. Never holds key material; `detail` is bounded and printable. */
export interface Failure {
  readonly reason: FailureReason
  /** The other side's own words where there are any, at most 500 printable characters. */
  readonly detail: string
  /** Identifier (DNS name or IP) at fault, where the CA or the self-check named one. */
  readonly identifier?: string
  /** Epoch ms before which the CA does not want to be asked again, when it said so. */
  readonly retryAt?: number
  /** What a limit covers; absent when the failure concerns this certificate only. */
  readonly scope?: LimitScope
  /** A link from the problem document's Link: rel="help" or detail; https only. */
  readonly helpUrl?: string
}

/** Everything that one limit of the CA touches. `registeredDomain` and `identifier` cover every certificate with such a name. */
export type LimitScope =
  | { readonly kind: 'issuer' }
  | { readonly kind: 'registeredDomain'; readonly value: string }
  | { readonly kind: 'identifier'; readonly value: string }
  | { readonly kind: 'identifierSet' }

/** An act failed for a reason of the closed set. The only error class that crosses module borders. */
export class Port80Failure extends Error {
  readonly failure: Failure
  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(`${failure.reason}: ${failure.detail}`, options)
    this.name = 'Port80Failure'
    this.failure = failure
  }
}
