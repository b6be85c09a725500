/** Authorizations (RFC 8555 §7.5): each proves one identifier by one HTTP-01 challenge. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { challengeDocument } from './challenge.ts'
import type { Identifier } from './identifier.ts'
import { authorizationStatus } from './order-status.ts'
import { owned, payloadOf, type Ca, type Handler } from './request.ts'
import type { Authorization } from './state.ts'

const updatePayload = z.object({ status: z.literal('deactivated') })

/** A valid one of this account when the CA reuses them, else a new pending one. */
export function authorizationFor(ca: Ca, accountId: string, identifier: Identifier): Authorization {
  const reusable = ca.settings.reuseAuthorizations ? findValid(ca, accountId, identifier) : undefined
  if (reusable) return reusable
  const authorization: Authorization = {
    id: randomBytes(8).toString('hex'),
    accountId,
    identifier,
    challenge: {
      id: randomBytes(8).toString('hex'),
      // RFC 8555 §8.3: at least 128 bits of entropy.
      token: randomBytes(32).toString('base64url'),
      status: 'pending',
    },
    status: 'pending',
    expiresAt: Date.now() + ca.settings.orderLifetimeSeconds * 1_000,
  }
  ca.state.authorizations.set(authorization.id, authorization)
  return authorization
}

export const authorization: Handler = (ca, request) => {
  const own = owned(ca.state.authorizations, request)
  if (request.jws?.payload !== undefined) {
    own.status = payloadOf(updatePayload, request).status
    ca.state.touch()
  }
  const status = authorizationStatus(own, Date.now())
  const retryAfter = ca.settings.pollRetryAfterSeconds
  return {
    status: 200,
    headers: status === 'pending' && retryAfter !== undefined ? { 'Retry-After': String(retryAfter) } : {},
    body: {
      status,
      identifier: own.identifier,
      expires: new Date(own.expiresAt).toISOString(),
      challenges: [challengeDocument(ca, own)],
    },
  }
}

function findValid(ca: Ca, accountId: string, identifier: Identifier): Authorization | undefined {
  return [...ca.state.authorizations.values()].find(
    (each) =>
      each.accountId === accountId &&
      each.identifier.type === identifier.type &&
      each.identifier.value === identifier.value &&
      authorizationStatus(each, Date.now()) === 'valid',
  )
}
