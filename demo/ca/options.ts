/** How a test CA behaves: the kind way by default, and the ways in which real CAs are unkind. */
import { resolveLoopback, type Identifier, type Resolve } from './identifier.ts'
import type { ProblemType } from './problem.ts'

/** A problem that the CA is told to answer with, once or until it is healed. */
export interface ForcedFailure {
  /** Where it strikes: the answer to newOrder, the outcome of the validation, or the answer to finalize. */
  readonly at: 'newOrder' | 'validation' | 'finalize'
  readonly type: ProblemType
  readonly detail: string
  /** Sent as `Retry-After` (newOrder and finalize only). */
  readonly retryAfterSeconds?: number
  /** How many times it strikes; absent: until healed. */
  readonly times?: number
}

/** What happened in the CA, for whoever tells its story. Never holds key material. */
export type CaEvent =
  | { readonly kind: 'order'; readonly identifiers: readonly Identifier[]; readonly replaces?: string }
  | { readonly kind: 'validation'; readonly identifier: Identifier; readonly fault?: string }
  | {
      readonly kind: 'certificate'
      readonly identifiers: readonly Identifier[]
      /** Hex, capital letters, as node:crypto and OpenSSL print it. */
      readonly serial: string
      readonly notAfter: number
    }
  | { readonly kind: 'revocation'; readonly serial: string }

/** A profile that orders may name (draft-ietf-acme-profiles). */
export interface Profile {
  readonly description: string
  readonly lifetimeSeconds: number
}

/** Both in seconds; what `after` counts from is said where it is used. */
export interface WindowSpan {
  readonly afterSeconds: number
  readonly forSeconds: number
}

export interface TestCaOptions {
  /** Folder for keys and state; made when missing (0700). One CA at a time. */
  readonly directory: string
  /** Port of the ACME server on 127.0.0.1; 0 (default) takes a free one. */
  readonly port?: number
  /** false: plain http. Default true: https with a certificate of this CA for localhost. */
  readonly tls?: boolean
  /** Where HTTP-01 requests for port 80 go. Default 80; can be moved later with `setValidationPort`. */
  readonly validationPort?: number
  /** Where redirects to https are followed to instead of port 443. Default 443. */
  readonly httpsValidationPort?: number
  /** Each asks for the token on its own. Default 3. */
  readonly vantagePoints?: number
  /** How long one vantage point waits for one answer. Default 10 s, as Let's Encrypt. */
  readonly validationTimeoutMs?: number
  /** Between the client's "ready" and the first request. Default 0. */
  readonly validationPauseMs?: number
  /** Between finalize and the certificate; over 0, the order is `processing` meanwhile. Default 0. */
  readonly issuePauseMs?: number
  /** `Retry-After` on pending authorizations and processing orders; absent (default): none is sent. */
  readonly pollRetryAfterSeconds?: number
  /** Lifetime of certificates without a profile. Default 90 days. */
  readonly lifetimeSeconds?: number
  readonly profiles?: Readonly<Record<string, Profile>>
  /** The suggested renewal window (RFC 9773), in seconds after issue. Default: from 2/3 of the lifetime, 1/20 long. */
  readonly renewalWindow?: WindowSpan
  /**
   * As if the CA had an incident: once it has run for `afterSeconds`, every certificate from before that moment gets a
   * window that begins then. Shows a renewal soon after each start, and none at the start itself.
   */
  readonly earlyRenewal?: WindowSpan
  /** `Retry-After` of renewal information. Default 6 hours. */
  readonly renewalRetryAfterSeconds?: number
  readonly orderLifetimeSeconds?: number
  /** A valid authorization is used again by later orders of the account. Default false. */
  readonly reuseAuthorizations?: boolean
  /** Part (0–1) of good nonces that are refused. Default 0. */
  readonly nonceRejectionRate?: number
  /** Further roots that sign the intermediate too, each offered as an alternate chain. Default 0. */
  readonly alternateRoots?: number
  /** Which identifiers are issued for and where they are. Default: loopback only, and the root is constrained to it. */
  readonly resolve?: Resolve
  readonly onEvent?: (event: CaEvent) => void
}

type WithoutDefault = 'pollRetryAfterSeconds' | 'renewalWindow' | 'earlyRenewal'
export type Settings = Required<Omit<TestCaOptions, WithoutDefault>> &
  Pick<TestCaOptions, WithoutDefault> & {
    /** Mutable: a test may know the port only later. */
    validationPort: number
  }

const day = 86_400

export function settingsOf(options: TestCaOptions): Settings {
  return {
    port: 0,
    tls: true,
    validationPort: 80,
    httpsValidationPort: 443,
    vantagePoints: 3,
    validationTimeoutMs: 10_000,
    validationPauseMs: 0,
    issuePauseMs: 0,
    lifetimeSeconds: 90 * day,
    profiles: { shortlived: { description: 'Certificates for 160 hours', lifetimeSeconds: 160 * 3_600 } },
    renewalRetryAfterSeconds: 6 * 3_600,
    orderLifetimeSeconds: 3_600,
    reuseAuthorizations: false,
    nonceRejectionRate: 0,
    alternateRoots: 0,
    resolve: resolveLoopback,
    onEvent: () => undefined,
    ...options,
  }
}
