/** When the CA would like a certificate to be renewed (RFC 9773): its id, the moment that we choose, when to ask again. Pure. */
import { X509Certificate } from 'node:crypto'
import type { RenewalInfoRecord } from '../state/records.ts'
import { serialAndAki } from './der.ts'
import { sanitizeDetail } from './printable.ts'

/** RFC 9773 §4.2 suggestedWindow; epoch ms. */
export interface RenewalWindow {
  readonly start: number
  readonly end: number
}

export interface RenewalInfo {
  readonly window: RenewalWindow
  /** A page of the CA for people; https only. */
  readonly explanationUrl?: string
  readonly retryAfterMs?: number
}

export type RenewalAnswer =
  | { readonly ok: RenewalInfo }
  /** `retryAt`: epoch ms before which the CA does not want to be asked. */
  | { readonly error: string; readonly retryAt?: number }

const minute = 60_000
const hour = 60 * minute
/** Twice a day at the least, whatever the CA says (its Retry-After included). */
const longestMs = 12 * hour
/** Without a Retry-After: RFC 9773 §4.3.3 has six hours. */
const usualMs = 6 * hour
/** After an error. The old window stays, so nothing is lost by waiting. */
const afterErrorMs = hour

/** RFC 9773 §4.1: base64url(AKI keyIdentifier) "." base64url(serial), of the first certificate; undefined when it has no AKI. */
export function certificateId(chainPem: string): string | undefined {
  const parts = serialAndAki(derOf(chainPem))
  return parts && `${parts.aki.toString('base64url')}.${parts.serial.toString('base64url')}`
}

/**
 * What to remember after an answer.
 * - The moment is uniformly random inside the window (§4.2), and kept as long as the window still holds it: choosing anew
 *   at every answer would pull it towards the start of the window.
 * - A window that has passed means now.
 * - An error keeps window and moment (§4.3.2) and asks again later.
 * `lifetimeMs` is that of the certificate: one that lives for minutes is asked about ten times, not twice a day.
 */
export function nextRenewalInfo(input: {
  readonly previous: RenewalInfoRecord | undefined
  readonly certId: string
  readonly answer: RenewalAnswer
  readonly lifetimeMs: number
  readonly now: number
  /** In [0, 1). */
  readonly random: number
}): RenewalInfoRecord {
  const { certId, answer, now } = input
  const previous = input.previous?.certId === certId ? input.previous : undefined
  if ('error' in answer) return afterError(answer.error, answer.retryAt, previous, input)
  const { window, explanationUrl, retryAfterMs } = answer.ok
  if (window.end <= window.start)
    return afterError('the window ends before it starts', undefined, previous, input)
  return {
    certId,
    window: {
      start: Math.round(Math.max(0, window.start)),
      end: Math.round(Math.max(0, window.end)),
      ...(explanationUrl !== undefined && { explanationUrl }),
    },
    chosenAt: chosenMoment(previous?.chosenAt, window, now, input.random),
    checkedAt: now,
    askAgainAt: now + interval(retryAfterMs ?? usualMs, input),
  }
}

function chosenMoment(
  previous: number | undefined,
  { start, end }: RenewalWindow,
  now: number,
  random: number,
): number {
  if (previous !== undefined && previous >= start && previous <= end) return previous
  // Already due and not acted on yet: a moment that moved with every answer would look like a new one.
  if (end <= now) return previous !== undefined && previous <= now ? previous : now
  return Math.round(Math.max(0, start + random * (end - start)))
}

function afterError(
  error: string,
  retryAt: number | undefined,
  previous: RenewalInfoRecord | undefined,
  input: { certId: string; lifetimeMs: number; now: number; random: number },
): RenewalInfoRecord {
  const wait = retryAt === undefined ? afterErrorMs : retryAt - input.now
  return {
    certId: input.certId,
    ...(previous?.window && { window: previous.window }),
    ...(previous?.chosenAt !== undefined && { chosenAt: previous.chosenAt }),
    checkedAt: previous?.checkedAt ?? input.now,
    askAgainAt: input.now + interval(wait, input),
    error: sanitizeDetail(error),
  }
}

/** One minute to half a day, sooner for short lives; stretched by up to a tenth, so that not all certificates ask at once. */
function interval(wanted: number, { lifetimeMs, random }: { lifetimeMs: number; random: number }): number {
  const longest = Math.max(1_000, Math.min(longestMs, lifetimeMs / 10))
  const shortest = Math.min(minute, longest)
  const wait = Math.min(Math.max(wanted, shortest), longest)
  return Math.round(Math.min(wait * (1 + random / 10), longest))
}

function derOf(chainPem: string): Buffer {
  try {
    return new X509Certificate(chainPem).raw
  } catch {
    return Buffer.alloc(0)
  }
}
