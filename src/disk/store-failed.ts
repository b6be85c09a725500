/** What the stores throw when the medium fails: one reason, bounded words, no content. */
import { Port80Failure } from '../reason.ts'
import { codeOf } from './plain-file.ts'

/** `act` is what was tried, with the path: `reading state/account/le.json`. */
export function storeFailed(act: string, cause: unknown): Port80Failure {
  if (cause instanceof Port80Failure) return cause
  const why = typeof cause === 'string' ? cause : codeOf(cause)
  return new Port80Failure(
    { reason: 'StoreFailed', detail: `${act}: ${why}`.slice(0, 500) },
    typeof cause === 'string' ? undefined : { cause },
  )
}
