/** Problems that somebody told the CA to answer with, by identifier. */
import type { Identifier } from './identifier.ts'
import type { ForcedFailure } from './options.ts'
import { AcmeProblem } from './problem.ts'
import type { Ca } from './request.ts'

/** The forced problem for the first of these identifiers that has one here, or undefined; counts it. */
export function forcedProblem(
  ca: Ca,
  at: ForcedFailure['at'],
  identifiers: readonly Identifier[],
): AcmeProblem | undefined {
  for (const identifier of identifiers) {
    const failure = ca.failures.get(identifier.value)
    if (failure?.at !== at || failure.left === 0) continue
    failure.left -= 1
    const retryAfter = failure.retryAfterSeconds
    return new AcmeProblem(failure.type, failure.detail, {
      identifier,
      headers: retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) },
    })
  }
  return undefined
}
