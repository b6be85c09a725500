/** Roll-over of an account's key (RFC 8555 §7.3.5): a JWS by the new key inside one by the old. */
import { z } from 'zod'
import { findByKey } from './account.ts'
import { readJwk, thumbprint, type PublicJwk } from './jwk.ts'
import { parseJws, verifyJws, type Jws } from './jws.ts'
import { AcmeProblem } from './problem.ts'
import { accountOf, type Ca, type Handler } from './request.ts'
import type { Account } from './state.ts'

const innerPayload = z.object({ account: z.string(), oldKey: z.unknown() })

export const keyChange: Handler = (ca, request) => {
  const own = accountOf(request)
  const { inner, newKey } = readInner(request.jws)
  check(ca, own, inner)
  const newThumbprint = thumbprint(newKey)
  const holder = findByKey(ca, newThumbprint)
  if (holder) {
    // §7.3.5: 409 with the account that has the key, so that a client that lost the answer finds out.
    const location = { Location: `${ca.origin}/account/${holder.id}` }
    throw new AcmeProblem('malformed', 'Another account has this key', { status: 409, headers: location })
  }
  own.jwk = newKey
  own.thumbprint = newThumbprint
  ca.state.touch()
  return {
    status: 200,
    headers: { Location: `${ca.origin}/account/${own.id}` },
    body: { status: own.status },
  }
}

function readInner(outer: Jws | undefined): { inner: Jws; newKey: PublicJwk } {
  const inner = parseJws(outer?.payload)
  if (!inner.jwk) throw malformed('The inner header needs the new key as jwk')
  if (inner.nonce !== undefined) throw malformed('The inner header has a nonce')
  if (inner.url !== outer?.url) throw malformed('The inner and the outer url differ')
  verifyJws(inner, inner.jwk)
  return { inner, newKey: inner.jwk }
}

function check(ca: Ca, own: Account, inner: Jws): void {
  const payload = innerPayload.safeParse(inner.payload)
  if (!payload.success) throw malformed('The inner payload needs account and oldKey')
  if (payload.data.account !== `${ca.origin}/account/${own.id}`)
    throw malformed('The inner payload names another account')
  if (thumbprint(readJwk(payload.data.oldKey)) !== own.thumbprint)
    throw malformed('oldKey is not the key of the account')
}

function malformed(detail: string): AcmeProblem {
  return new AcmeProblem('malformed', detail)
}
