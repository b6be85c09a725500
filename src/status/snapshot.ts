/**
 * What an operator wants to know, as plain data: the one source of /status, /status.json, the certificate metrics and
 * `port80 status`. Built by src/status/build.ts from records and plan; nothing here holds a key. Times are epoch ms.
 */
import type { RedirectConfig } from '../config/schema.ts'
import type { SourceStatus } from '../discovery/source-status.ts'
import type { LookStatus } from '../finding/looks.ts'
import type { Reported } from '../finding/reported.ts'
import type { FailureReason, OrderReason, Reason, RestReason } from '../reason.ts'

export type CertificateState =
  | 'ready' // a valid pair of the CA is stored and installed
  | 'placeholder' // only our self-signed stand-in is installed
  | 'missing' // nothing is installed
  | 'expired'

export interface CertificateStatus {
  readonly name: string
  readonly domains: readonly string[]
  /** The issuer that the next order goes to (the fallback after three failures). */
  readonly issuer: string
  readonly state: CertificateState
  /** Why the state or the next step is what it is; a member of the closed set. */
  readonly reason: Reason
  /** One sentence for people: what happens next. */
  readonly next: string
  /** When that is; absent when nothing is scheduled (stopped). */
  readonly nextAt?: number
  /** The pair that is stored and meant to be served. */
  readonly current?: {
    readonly serial: string
    readonly issuedBy: string
    readonly issuer: string
    readonly notBefore: number
    readonly notAfter: number
    readonly keyType: string
    readonly profile?: string
  }
  readonly renewal?: {
    /** The moment that we chose. */
    readonly at: number
    readonly source: 'ari' | 'fraction' | 'renewBefore'
    /** RFC 9773 suggestedWindow. */
    readonly window?: { readonly start: number; readonly end: number; readonly explanationUrl?: string }
  }
  /** Of its domains, where it is not the one of the file: responders that know of them from here redirect with it. */
  readonly redirectStatus?: RedirectConfig['status']
  /** Failures in a row. */
  readonly failures: number
  readonly attempts: readonly AttemptStatus[]
  /** From the first moment the certificate was wanted to its installation; absent while that lasts. */
  readonly wantedToInstalledSeconds?: number
  readonly destinations: readonly {
    readonly id: string
    readonly state: 'installed' | 'placeholder' | 'absent' | 'differs' | 'foreign' | 'unreadable'
    readonly fault?: string
  }[]
}

/** One attempt, newest first in lists; at most 10 are kept. */
export interface AttemptStatus {
  readonly at: number
  readonly endedAt?: number
  readonly why: OrderReason
  readonly issuer: string
  readonly outcome: 'issued' | 'failed' | 'running'
  readonly failure?: {
    readonly reason: FailureReason
    /** The CA's own words, at most 500 printable characters. */
    readonly detail: string
    readonly identifier?: string
    readonly helpUrl?: string
  }
}

export interface HoldStatus {
  readonly issuer: string
  /** `issuer`, `registeredDomain example.com`, `identifier a.example.com`, `identifierSet book` */
  readonly covers: string
  readonly until: number
  readonly reason: FailureReason
  readonly detail: string
}

export interface StatusSnapshot extends Reported {
  readonly at: number
  readonly version: string
  readonly configuration: {
    readonly path?: string
    readonly acceptedAt: number
    /** Of the last file version that was refused; empty while the file on disk is the one in force. */
    readonly faults: readonly { readonly path: string; readonly value: string; readonly fix: string }[]
  }
  readonly worker: {
    readonly role: 'leader' | 'standby' | 'crashed' | 'starting' | 'off'
    /** Who leads, when it is not this process. */
    readonly leader?: string
    readonly lastTickAt?: number
    /** No tick for longer than it may take: /livez fails. */
    readonly stuck: boolean
    readonly restarts: number
    readonly nextWakeAt?: number
    readonly lastError?: string
  }
  readonly store: { readonly readable: boolean; readonly fault?: string; readonly tokens: number }
  /**
   * Where certificates and limits are as the leader told them (src/status/told.ts); absent where they are this process's
   * own look.
   */
  readonly told?: {
    /** Absent before anything was told. */
    readonly by?: string
    readonly at?: number
    /** Nothing new for so long that the leader cannot be well, or nobody leads. */
    readonly stale: boolean
    /** Certificates that had no room. */
    readonly leftOut: number
    /** Items that a newer leader told in words that this version does not know; absent: none. */
    readonly unknown?: number
    /** Why nothing, or nothing newer, is known. */
    readonly fault?: string
  }
  readonly holds: readonly HoldStatus[]
  readonly certificates: readonly CertificateStatus[]
  /** What became of each object of the cluster that asks for a certificate; absent where discovery is off. */
  readonly sources?: readonly SourceStatus[]
  /** Who looks for findings, and when that was last; absent where an older leader told. */
  readonly looks?: readonly LookStatus[]
}

export type { RestReason }
