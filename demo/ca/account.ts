/** Accounts (RFC 8555 §7.3). */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { thumbprint } from './jwk.ts'
import { AcmeProblem } from './problem.ts'
import { accountOf, notFound, payloadOf, type AcmeResponse, type Ca, type Handler } from './request.ts'
import type { Account } from './state.ts'

const contacts = z.array(z.string().max(320)).max(10)
const newAccountPayload = z.object({
  onlyReturnExisting: z.boolean().optional(),
  termsOfServiceAgreed: z.boolean().optional(),
  contact: contacts.optional(),
})
const updatePayload = z.object({
  contact: contacts.optional(),
  status: z.literal('deactivated').optional(),
})

/** §7.3 and §7.3.1: a known key gets its account back with 200, a new one is registered with 201. */
export const newAccount: Handler = (ca, request) => {
  const payload = payloadOf(newAccountPayload, request)
  const jwk = request.jws?.jwk
  if (!jwk) throw new AcmeProblem('malformed', 'newAccount needs a jwk in the protected header')
  const known = findByKey(ca, thumbprint(jwk))
  if (known) {
    if (known.status !== 'valid') throw deactivated()
    return answer(ca, known, 200)
  }
  if (payload.onlyReturnExisting)
    throw new AcmeProblem('accountDoesNotExist', 'No account has this key, and none was to be made')
  const account: Account = {
    id: randomBytes(8).toString('hex'),
    jwk,
    thumbprint: thumbprint(jwk),
    contact: acceptContacts(payload.contact ?? []),
    status: 'valid',
  }
  ca.state.accounts.set(account.id, account)
  ca.state.touch()
  ca.stats.accounts += 1
  return answer(ca, account, 201)
}

/** §7.3.2 (contacts), §7.3.6 (deactivation), and the plain look at one's own account. */
export const account: Handler = (ca, request) => {
  const own = accountOf(request)
  if (request.id !== own.id) throw notFound()
  if (request.jws?.payload === undefined) return answer(ca, own, 200)
  const payload = payloadOf(updatePayload, request)
  if (payload.contact) own.contact = acceptContacts(payload.contact)
  if (payload.status) own.status = payload.status
  ca.state.touch()
  return answer(ca, own, 200)
}

/** §7.1.2.1: the orders that are not yet final. */
export const accountOrders: Handler = (ca, request) => {
  const own = accountOf(request)
  if (request.id !== own.id) throw notFound()
  const open = [...ca.state.orders.values()].filter((order) => order.accountId === own.id && !order.error)
  return { status: 200, body: { orders: open.map((order) => `${ca.origin}/order/${order.id}`) } }
}

/** The account of a `kid`, which is its URL; accountDoesNotExist or, when it was deactivated, unauthorized. */
export function accountOfKid(ca: Ca, kid: string): Account {
  const prefix = `${ca.origin}/account/`
  const found = kid.startsWith(prefix) ? ca.state.accounts.get(kid.slice(prefix.length)) : undefined
  if (!found) throw new AcmeProblem('accountDoesNotExist', 'The kid is not the URL of an account here')
  if (found.status !== 'valid') throw deactivated()
  return found
}

export function findByKey(ca: Ca, keyThumbprint: string): Account | undefined {
  return [...ca.state.accounts.values()].find((each) => each.thumbprint === keyThumbprint)
}

function acceptContacts(asked: readonly string[]): readonly string[] {
  for (const contact of asked) {
    if (!contact.startsWith('mailto:'))
      throw new AcmeProblem('unsupportedContact', 'Contacts are mailto: addresses')
    if (!/^mailto:[^\s@,?]+@[^\s@,?]+\.[^\s@,?]+$/.test(contact))
      throw new AcmeProblem('invalidContact', 'A contact is not one mail address')
  }
  return asked
}

function answer(ca: Ca, account: Account, status: number): AcmeResponse {
  const url = `${ca.origin}/account/${account.id}`
  const { contact } = account
  return {
    status,
    headers: { Location: url },
    body: { status: account.status, ...(contact.length > 0 && { contact }), orders: `${url}/orders` },
  }
}

function deactivated(): AcmeProblem {
  return new AcmeProblem('unauthorized', 'The account was deactivated')
}
