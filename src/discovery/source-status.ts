/** What became of each object that asks for a certificate, for status, metrics and Events. Pure. */

/**
 * - wanted: its certificate is kept up; the detail says what is left out of it
 * - configured: a certificate of the file does it already
 * - nothing: managed, and names nothing that a certificate could be had for
 * - waiting: it is not known yet where its Secret belongs
 * - refused: it names a Secret that it may not have filled
 * - conflict: another one wants the same Secret otherwise, and comes first
 * - faulty: the object has a fault, and nothing of it is wanted until that is mended
 * - absent, unreadable: of a whole kind of objects; what was seen before still counts
 */
export const sourceStates = [
  'wanted',
  'configured',
  'nothing',
  'waiting',
  'refused',
  'conflict',
  'faulty',
  'absent',
  'unreadable',
] as const
export type SourceState = (typeof sourceStates)[number]

export interface SourceStatus {
  /** `Istio Gateway shop/web`, `Gateway shop/web`, `Gateways of Istio`. */
  readonly object: string
  readonly state: SourceState
  /** Name of the Secret, where it is about one. */
  readonly secret?: string
  /** Name of the certificate that has it, or that stands in its way. */
  readonly certificate?: string
  /** One line, at most 500 characters; empty when there is nothing to say. */
  readonly detail: string
}

/** States that somebody should look at. */
export function isTrouble(state: SourceState): boolean {
  return state !== 'wanted' && state !== 'configured'
}
