/** What canary and preflight know of one look along one leg: where, and what was wrong. Pure data. */
import type { Finding } from '../finding/finding.ts'

export interface LegLook {
  readonly host: string
  readonly leg: 'inside' | 'outside'
  /** Pod (`namespace/name`) or public address; the name of the host where there is no address to go to. */
  readonly at: string
  /** Which replica gave the signed answer. */
  readonly replica?: string
  /** Nothing can be said of this leg from here, and why. */
  readonly unjudged?: string
  /** Absent, and not unjudged: our own answer came. */
  readonly finding?: Finding
}
