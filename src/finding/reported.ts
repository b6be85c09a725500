/**
 * What the worker tells of sections 4 to 7 of its life (findings, canary, proof of serving, budget, plain http): optional
 * parts of the status snapshot, plain data with times in epoch milliseconds. Pure.
 */
import type { Finding } from './finding.ts'
import type { LookName } from './looks.ts'

/** A finding that lasts: flapping is damped before it gets here. */
export interface LastingFinding extends Finding {
  readonly since: number
  readonly lastSeen: number
  readonly from: 'lint' | 'preflight' | 'canary' | 'serving' | 'budget'
}

/** The last look along one leg of one host. */
export interface LegStatus {
  readonly host: string
  readonly leg: 'inside' | 'outside'
  /** Pod (`namespace/name`) or public address. */
  readonly at: string
  /** Which replica gave the signed answer. */
  readonly replica?: string
  readonly ok: boolean
  readonly checkedAt: number
  readonly code?: Finding['code']
}

/** What one gateway pod shows for one host. */
export interface ServedStatus {
  /** Or the name of an entry of `observe`. */
  readonly certificate: string
  readonly observed?: true
  readonly host: string
  readonly pod: string
  readonly serial?: string
  readonly notAfter?: number
  readonly matches: boolean
  readonly checkedAt: number
  /** Why there is no serial, of a closed few words. */
  readonly fault?: string
  /** From the install until this pod showed it. */
  readonly pickupSeconds?: number
}

/** One bucket of one issuer that something was spent of. */
export interface BudgetStatus {
  readonly issuer: string
  /** `newOrders`, `certificatesPerDomain` …: the names of the configuration. */
  readonly bucket: string
  /** Registered domain, identifier, set of names; absent for a bucket of the whole account. */
  readonly of?: string
  readonly used: number
  readonly limit: number
  /** Kept for renewals, of the limit. */
  readonly reserve: number
  readonly windowSeconds: number
  /** When the next new order fits; absent: now. */
  readonly nextPossibleAt?: number
}

/** Plain http of one managed host; days newest first, at most 30. */
export interface PlainHttpStatus {
  readonly host: string
  readonly lastSeen?: number
  readonly days: readonly {
    /** `2026-11-25`, UTC. */
    readonly day: string
    readonly redirects: number
    /** Share of it that was GET or HEAD. */
    readonly reads: number
    readonly agents: {
      readonly browser: number
      readonly bot: number
      readonly library: number
      readonly other: number
    }
  }[]
}

/** When a look was taken last (epoch ms); with the issuer whose orders it was taken for. */
export interface LookTime {
  readonly look: LookName
  readonly issuer?: string
  readonly at: number
}

/** How far `plainHttp` can be believed. */
export interface CountedStatus {
  /** When counting began. */
  readonly since: number
  /** Absent: the sum as it was written down, by a leader that may be gone. */
  readonly asked?: {
    readonly at: number
    /** How many told their counts. */
    readonly replicas: number
    /** Those that did not: what they counted since they were asked before is not in the sum yet. */
    readonly silent: readonly { readonly replica: string; readonly seen: string }[]
  }
  /** How many hosts are counted together as one, the least busy, since there was no room for each. */
  readonly folded?: number
  /** Why the sum would not outlast this process. */
  readonly fault?: string
}

/** All optional: absent where the part is off or has not looked yet. */
export interface Reported {
  readonly findings?: readonly LastingFinding[]
  readonly legs?: readonly LegStatus[]
  readonly served?: readonly ServedStatus[]
  readonly budget?: readonly BudgetStatus[]
  readonly plainHttp?: readonly PlainHttpStatus[]
  /** Absent: `plainHttp` is what one process has counted since it began. */
  readonly counted?: CountedStatus
  /** Who has looked since this process leads: without that an empty list says nothing. */
  readonly looked?: readonly ('lint' | 'preflight' | 'canary' | 'serving' | 'budget' | 'usage')[]
  readonly lookedAt?: readonly LookTime[]
  /** How many of a part had no room. */
  readonly leftOut?: Readonly<
    Partial<Record<'findings' | 'legs' | 'served' | 'budget' | 'plainHttp', number>>
  >
}
