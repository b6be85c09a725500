/** One HTTP-01 validation: every vantage point asks for the token itself, and all must get the right answer. */
import { askFor } from './vantage-point.ts'
import { AcmeProblem } from './problem.ts'
import type { Ca } from './request.ts'
import type { Authorization } from './state.ts'

/** Undefined when every vantage point was told the key authorization; else the first one's problem. */
export async function validate(
  ca: Ca,
  authorization: Authorization,
  keyAuthorization: string,
): Promise<AcmeProblem | undefined> {
  const { identifier, challenge } = authorization
  const host = identifier.value.includes(':') ? `[${identifier.value}]` : identifier.value
  const url = new URL(`http://${host}/.well-known/acme-challenge/${challenge.token}`)
  const points = Array.from({ length: ca.settings.vantagePoints }, (_, index) => index + 1)
  const faults = await Promise.all(points.map((point) => lookFrom(ca, point, url, keyAuthorization)))
  return faults.find((fault) => fault !== undefined)
}

async function lookFrom(ca: Ca, point: number, url: URL, expected: string): Promise<AcmeProblem | undefined> {
  try {
    const { body, from } = await askFor(url, { settings: ca.settings, point, stopping: ca.stopping })
    // Trailing white space is trimmed and nothing else (RFC 8555 §8.3).
    const told = body.replace(/[\n\r\t ]+$/, '')
    if (told === expected) return undefined
    const detail = `${from}: the answer is not the key authorization. Expected ${JSON.stringify(expected)}, got ${JSON.stringify(told)}`
    return new AcmeProblem('unauthorized', detail)
  } catch (error) {
    if (error instanceof AcmeProblem) return error
    throw error
  }
}
