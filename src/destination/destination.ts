/** Where an issued pair goes so that a TLS server picks it up: a folder now, Secrets later. */

export interface Pair {
  /** PEM, leaf first, root left out, ends with a newline. */
  readonly chainPem: string
  /** PEM, PKCS#8. Never logged, never in an error. */
  readonly keyPem: string
}

export type Installed =
  | { readonly state: 'present'; readonly pair: Pair }
  | { readonly state: 'absent' }
  /** Something is there that is not ours to read or replace; `fault` says what and how to mend it. */
  | { readonly state: 'foreign'; readonly fault: string }

/**
 * Contract (test/destination/fixtures/destination-contract.ts):
 * - `read` tells what a TLS server would pick up now. Throws Port80Failure DestinationFailed when it cannot be read.
 * - `install` replaces key and chain together: a reader sees the old pair or the new one, never a mixture, also after
 *   a crash in the middle. Idempotent. Throws Port80Failure DestinationFailed; the old pair is then still in place.
 *   A pair that no server could load (does not parse, key of another certificate) is refused.
 * - Nothing that somebody may still be reading is deleted: at least the last three pairs stay.
 */
export interface Destination {
  /** Bounded, safe as log field: for a directory its path. */
  readonly id: string
  read(certificateName: string): Promise<Installed>
  install(certificateName: string, pair: Pair): Promise<void>
}
