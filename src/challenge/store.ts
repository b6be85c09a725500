/**
 * Where tokens live between the worker that presents them and the responders that answer them (RFC 8555 §8.3).
 */

/** One presented token. All times are epoch milliseconds. */
export interface Challenge {
  /** base64url, 1–128 characters (src/challenge/token.ts checks it). Unique: CAs never hand out a token twice. */
  readonly token: string
  /** The identifier being validated: lower-case DNS name without trailing dot, or an IP literal without brackets. */
  readonly identifier: string
  /** `token.thumbprint`, served verbatim. Not a secret: it is given to whoever asks for the token. */
  readonly keyAuthorization: string
  /** After this moment the entry may be swept; a crash between present and cleanUp leaves nothing for ever. */
  readonly expiresAt: number
}

/** At once where memory is sure: a promise a request is what the collector has to clean up most of. */
export type Found = Challenge | undefined | Promise<Challenge | undefined>

/**
 * Contract (test/challenge/fixtures/store-contract.ts holds every implementation to it):
 * - Concurrency: any number of callers and processes; two tokens of one host live side by side.
 * - `present` resolves when every other reader of the same store *can* see the token (durable where the store is);
 *   presenting the same token again replaces the entry and is not an error. A reader that answers the entry already may
 *   go on with its older form, or after `cleanUp` with what is gone, for a bounded time that the implementation states.
 * - `find` answers `undefined` for not-found and for expired entries; it throws only when the store itself cannot be
 *   read, and the caller then answers from what it has (never a redirect). What it gives may be there at once.
 * - `cleanUp` is idempotent: removing what is not there resolves.
 * - `list` gives what has not expired, for status, and is the sweep: it removes what expired some time ago. It skips (and
 *   reports through `onForeign`) what it cannot parse.
 * - A challenge whose parts cannot be an answer (token syntax, a key authorization of another token) is a
 *   Port80Failure InternalError when presented; what fails on the medium is a Port80Failure StoreFailed.
 */
export interface ChallengeStore {
  present(challenge: Challenge): Promise<void>
  find(token: string): Found
  cleanUp(token: string): Promise<void>
  list(): Promise<readonly Challenge[]>
}
