/**
 * A presented token as a file: name and text, and the checks on both sides. Pure. Whoever can write such a file can have
 * anything answered below the challenge path, so what does not look like a key authorization is never served.
 */
import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Challenge } from './store.ts'
import { isToken } from './token.ts'

/** Members of a newer version are not read: an old responder still answers what a new leader presents. */
const challengeRecord = z
  .object({
    v: z.literal(1),
    token: z.string().refine(isToken),
    identifier: z.string().regex(/^[a-z0-9._:-]{1,253}$/),
    /** RFC 8555 §8.1: token, a dot, the thumbprint of the account key. */
    keyAuthorization: z.string().regex(/^[A-Za-z0-9_-]{1,128}\.[A-Za-z0-9_-]{1,128}$/),
    expiresAt: z.number().int().nonnegative(),
  })
  .refine((value) => value.keyAuthorization.startsWith(`${value.token}.`), { path: ['keyAuthorization'] })

/** What is wrong with a challenge that is to be presented, or `undefined`. */
export function faultOfChallenge(challenge: Challenge): string | undefined {
  const result = challengeRecord.safeParse({ v: 1, ...challenge })
  return result.success ? undefined : wordsFor(result.error)
}

/**
 * The file of a token. Tokens differ by case and some file systems do not (macOS, SMB), so the name is the token in lower
 * case, for people, and a hash of it as it is, for the machine.
 */
export function fileNameOf(challengeToken: string): string {
  return `${challengeToken.toLowerCase().slice(0, 100)}.${hash('sha256', challengeToken).slice(0, 16)}.json`
}

export function isChallengeFileName(name: string): boolean {
  return /^[a-z0-9_-]{1,100}\.[0-9a-f]{16}\.json$/.test(name)
}

export function challengeText(challenge: Challenge): string {
  const { identifier, keyAuthorization, expiresAt } = challenge
  return `${JSON.stringify({ v: 1, token: challenge.token, identifier, keyAuthorization, expiresAt })}\n`
}

/** The challenge in a file of this name, or what is wrong with it in words that name no content. */
export function readChallenge(name: string, text: string): { ok: Challenge } | { fault: string } {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { fault: 'is not JSON (torn or foreign)' }
  }
  const result = challengeRecord.safeParse(data)
  if (!result.success) return { fault: wordsFor(result.error) }
  const { v: _, ...challenge } = result.data
  if (fileNameOf(challenge.token) !== name) return { fault: 'holds another token than its name says' }
  return { ok: challenge }
}

function wordsFor(error: z.ZodError): string {
  const first = error.issues[0]
  return `is not a challenge of this version: ${first?.path.join('.') || 'document'} (${first?.code ?? 'invalid'})`
}
