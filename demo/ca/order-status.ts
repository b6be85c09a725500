/** What an order and its authorizations have come to (RFC 8555 §7.1.6): derived, never stored. Pure. */
import type { Authorization, Certificate, Order } from './state.ts'

export type OrderStatus = 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
export type AuthorizationStatus = Authorization['status'] | 'expired'

export function orderStatus(
  order: Order,
  authorizations: readonly Authorization[],
  now: number,
): OrderStatus {
  if (order.error) return 'invalid'
  if (order.certificateId !== undefined) return 'valid'
  if (order.csr !== undefined) return 'processing'
  if (order.expiresAt <= now) return 'invalid'
  const statuses = authorizations.map((each) => authorizationStatus(each, now))
  // "If an error occurs at any of these stages, the order moves to the invalid state."
  if (statuses.some((status) => status !== 'pending' && status !== 'valid')) return 'invalid'
  return statuses.every((status) => status === 'valid') ? 'ready' : 'pending'
}

export function authorizationStatus(authorization: Authorization, now: number): AuthorizationStatus {
  const { status, expiresAt } = authorization
  const mayExpire = status === 'pending' || status === 'valid'
  return mayExpire && expiresAt <= now ? 'expired' : status
}

/**
 * RFC 9773 §5: why this certificate may not be named in `replaces` by an order of this account, or undefined.
 * An order that became invalid has replaced nothing, and the certificate can be named again.
 */
export function replacementFault(
  certificate: Certificate | undefined,
  asking: Pick<Order, 'accountId' | 'identifiers'>,
  otherOrders: readonly { readonly replaces?: string; readonly status: OrderStatus }[],
): { readonly type: 'malformed' | 'unauthorized' | 'alreadyReplaced'; readonly detail: string } | undefined {
  if (!certificate) return { type: 'malformed', detail: 'replaces names no certificate of this CA' }
  if (certificate.accountId !== asking.accountId)
    return { type: 'unauthorized', detail: 'The certificate to replace is of another account' }
  const names = new Set(certificate.identifiers.map(({ type, value }) => `${type} ${value}`))
  if (!asking.identifiers.some(({ type, value }) => names.has(`${type} ${value}`)))
    return { type: 'malformed', detail: 'The certificate to replace shares no identifier with the order' }
  const replaced = otherOrders.some(
    (order) => order.replaces === certificate.certId && order.status !== 'invalid',
  )
  return replaced
    ? { type: 'alreadyReplaced', detail: 'Another order has replaced that certificate already' }
    : undefined
}
