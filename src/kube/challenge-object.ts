/**
 * A presented token as a ConfigMap, and back. Pure. Not a Secret: a key authorization is given to whoever asks for its
 * token, and so the responders need no right on any Secret.
 */
import { hash } from 'node:crypto'
import { faultOfChallenge } from '../challenge/challenge-record.ts'
import type { Challenge } from '../challenge/store.ts'
import type { New } from './client.ts'
import { kindLabel, managedBy } from './names.ts'
import type { ConfigMap } from './object.ts'

export const challengeLabels: Readonly<Record<string, string>> = {
  [managedBy]: 'port80',
  [kindLabel]: 'challenge',
}

/** Tokens differ by case and may begin with a hyphen; names of objects do neither. */
export function challengeObjectName(token: string): string {
  return `port80-challenge-${hash('sha256', token).slice(0, 40)}`
}

export function challengeObject(challenge: Challenge): New<ConfigMap> {
  const { token, identifier, keyAuthorization, expiresAt } = challenge
  return {
    metadata: { labels: challengeLabels },
    data: { token, identifier, keyAuthorization, expiresAt: String(expiresAt) },
  }
}

/** The challenge, or what is wrong in words that name no content. Nothing that is no key authorization gets through. */
export function readChallengeObject({
  metadata,
  data = {},
}: ConfigMap): { ok: Challenge } | { fault: string } {
  const { token = '', identifier = '', keyAuthorization = '', expiresAt = '' } = data
  const challenge = { token, identifier, keyAuthorization, expiresAt: Number(expiresAt || 'none') }
  const fault = faultOfChallenge(challenge)
  if (fault !== undefined) return { fault }
  if (challengeObjectName(token) !== metadata.name) return { fault: 'holds another token than its name says' }
  return { ok: challenge }
}
