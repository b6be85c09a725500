/** What the groups of acts (account, order, certificate) share: one CA, one account, one pool of connections and nonces. */
import type { KeyObject } from 'node:crypto'
import { Port80Failure } from '../reason.ts'
import type { AcmeAction } from './action.ts'
import type { DirectorySource } from './directory-source.ts'
import type { Context } from './resources.ts'
import { parseRetryAfter } from './retry-after.ts'
import { headerOf, type Act, type Result, type SignedRequests } from './signed-requests.ts'

export interface Wire {
  readonly directoryUrl: string
  readonly directory: DirectorySource
  readonly requests: SignedRequests
  readonly account: Account
  now(): number
}

/** Changes when the account is found, registered, or gets a new key. */
export interface Account {
  key: KeyObject
  url: string | undefined
}

/** A request signed with the account (kid). */
export function asAccount(wire: Wire, act: Omit<Act, 'signedBy'>): Promise<Result> {
  return wire.requests.post({ ...act, signedBy: { kid: accountUrl(wire) } })
}

export function accountUrl({ account }: Wire): string {
  if (account.url !== undefined) return account.url
  throw new Port80Failure({
    reason: 'InternalError',
    detail: 'the account was neither found nor registered yet',
  })
}

/** Where a body came from. `url` is the resource's own, which for a new one is in Location. */
export function contextOf(wire: Wire, what: AcmeAction, url: string, result: Result): Context {
  const now = wire.now()
  const retryAt = parseRetryAfter(headerOf(result, 'retry-after'), now)
  return { what, url, now, ...(retryAt !== undefined && { retryAfterMs: retryAt - now }) }
}
