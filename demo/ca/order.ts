/** Orders (RFC 8555 §7.4), with profiles and with RFC 9773's `replaces`. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { authorizationFor } from './authorization.ts'
import { isCertificateId } from './certificate-id.ts'
import { checkCsr } from './csr.ts'
import { forcedProblem } from './failure.ts'
import { acceptIdentifiers, type Identifier } from './identifier.ts'
import { issueFor } from './issue.ts'
import { keyObject } from './jwk.ts'
import { orderStatus, replacementFault, type OrderStatus } from './order-status.ts'
import { AcmeProblem } from './problem.ts'
import { accountOf, owned, payloadOf, type AcmeResponse, type Ca, type Handler } from './request.ts'
import type { Authorization, Order } from './state.ts'

const newOrderPayload = z.object({
  identifiers: z
    .array(z.object({ type: z.string(), value: z.string().max(1_000) }))
    .min(1)
    .max(100),
  profile: z.string().max(100).optional(),
  replaces: z.string().max(200).refine(isCertificateId, 'is not a certificate id (RFC 9773 §4.1)').optional(),
  // Boulder refuses these two; a client must be able to live without them.
  notBefore: z.undefined('is not supported').optional(),
  notAfter: z.undefined('is not supported').optional(),
})
const finalizePayload = z.object({ csr: z.string().regex(/^[A-Za-z0-9_-]+$/, 'is not base64url') })

export const newOrder: Handler = (ca, request) => {
  const own = accountOf(request)
  const payload = payloadOf(newOrderPayload, request)
  const identifiers = acceptIdentifiers(payload.identifiers, ca.settings.resolve)
  const forced = forcedProblem(ca, 'newOrder', identifiers)
  if (forced) throw forced
  const { profile, replaces } = payload
  if (profile !== undefined && !Object.hasOwn(ca.settings.profiles, profile))
    throw new AcmeProblem('invalidProfile', `There is no profile ${JSON.stringify(profile)}`)
  if (replaces !== undefined) checkReplacement(ca, { accountId: own.id, identifiers }, replaces)
  const order: Order = {
    id: randomBytes(8).toString('hex'),
    accountId: own.id,
    identifiers,
    authorizationIds: identifiers.map((each) => authorizationFor(ca, own.id, each).id),
    ...(profile !== undefined && { profile }),
    ...(replaces !== undefined && { replaces }),
    expiresAt: Date.now() + ca.settings.orderLifetimeSeconds * 1_000,
  }
  ca.state.orders.set(order.id, order)
  ca.state.touch()
  ca.stats.orders += 1
  ca.emit({ kind: 'order', identifiers, ...(replaces !== undefined && { replaces }) })
  return answer(ca, order, 201)
}

export const order: Handler = (ca, request) => answer(ca, owned(ca.state.orders, request), 200)

export const finalize: Handler = async (ca, request) => {
  const own = owned(ca.state.orders, request)
  const { csr } = payloadOf(finalizePayload, request)
  const status = statusOf(ca, own)
  if (status !== 'ready') throw new AcmeProblem('orderNotReady', `The order is ${status}, not ready`)
  const forced = forcedProblem(ca, 'finalize', own.identifiers)
  if (forced) throw forced
  const der = Buffer.from(csr, 'base64url')
  const accountKey = keyObject(accountOf(request).jwk).export({ type: 'spki', format: 'der' })
  await checkCsr(der, own.identifiers, accountKey)
  if (statusOf(ca, own) !== 'ready') throw new AcmeProblem('orderNotReady', 'The order was finalized already')
  own.csr = der.toString('base64')
  ca.state.touch()
  const issued = issueFor(ca, own)
  if (ca.settings.issuePauseMs === 0) await issued
  return answer(ca, own, 200)
}

/** Orders that an earlier run of the CA had accepted but not yet brought to a certificate. */
export function resumeIssuing(ca: Ca): void {
  for (const each of ca.state.orders.values())
    if (statusOf(ca, each) === 'processing') void issueFor(ca, each)
}

function statusOf(ca: Ca, order: Order): OrderStatus {
  return orderStatus(order, authorizationsOf(ca, order), Date.now())
}

function authorizationsOf(ca: Ca, order: Order): readonly Authorization[] {
  return order.authorizationIds.flatMap((id) => ca.state.authorizations.get(id) ?? [])
}

function checkReplacement(
  ca: Ca,
  asking: { accountId: string; identifiers: readonly Identifier[] },
  certId: string,
): void {
  const certificate = [...ca.state.certificates.values()].find((each) => each.certId === certId)
  const others = [...ca.state.orders.values()]
    .filter((each) => each.replaces === certId)
    .map((each) => ({ replaces: certId, status: statusOf(ca, each) }))
  const fault = replacementFault(certificate, asking, others)
  if (fault) throw new AcmeProblem(fault.type, fault.detail)
}

function answer(ca: Ca, order: Order, code: number): AcmeResponse {
  const url = `${ca.origin}/order/${order.id}`
  const status = statusOf(ca, order)
  const retryAfter = ca.settings.pollRetryAfterSeconds
  const { profile, replaces, certificateId, error } = order
  return {
    status: code,
    headers: {
      Location: url,
      ...(status === 'processing' && retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    },
    body: {
      status,
      expires: new Date(order.expiresAt).toISOString(),
      identifiers: order.identifiers,
      authorizations: order.authorizationIds.map((id) => `${ca.origin}/authorization/${id}`),
      finalize: `${ca.origin}/finalize/${order.id}`,
      ...(profile !== undefined && { profile }),
      ...(replaces !== undefined && { replaces }),
      ...(certificateId !== undefined && { certificate: `${ca.origin}/certificate/${certificateId}` }),
      ...(error && { error }),
    },
  }
}
