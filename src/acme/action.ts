/** What a request to the CA is for, and who is told of each. */

/** The resources of RFC 8555 §7.1 and RFC 9773 §4.1. A closed union: it is a metric label. */
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
