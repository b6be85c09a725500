/** Which path is which resource, and who must have signed. */
import { account, accountOrders, newAccount } from './account.ts'
import { authorization } from './authorization.ts'
import { certificate, revokeCert } from './certificate.ts'
import { challenge } from './challenge.ts'
import { directory, newNonce } from './directory.ts'
import { keyChange } from './key-change.ts'
import { finalize, newOrder, order } from './order.ts'
import { renewalInfo } from './renewal-info.ts'
import type { Handler } from './request.ts'

export interface Route {
  /** For the statistics. */
  readonly name: string
  readonly path: RegExp
  /**
   * `none`: unsigned GET; `jwk`: a key in the header (newAccount); `kid`: an account; `either`: revokeCert only.
   */
  readonly signer: 'none' | 'jwk' | 'kid' | 'either'
  /** A POST-as-GET that only looks: the payload must be empty (RFC 8555 §6.3). */
  readonly readOnly?: true
  readonly handle: Handler
}

const id = '([0-9A-Za-z]+)'

export const routes: readonly Route[] = [
  { name: 'directory', path: /^\/directory$/, signer: 'none', handle: directory },
  { name: 'newNonce', path: /^\/new-nonce$/, signer: 'none', handle: newNonce },
  { name: 'newAccount', path: /^\/new-account$/, signer: 'jwk', handle: newAccount },
  { name: 'account', path: RegExp(`^/account/${id}$`), signer: 'kid', handle: account },
  {
    name: 'accountOrders',
    path: RegExp(`^/account/${id}/orders$`),
    signer: 'kid',
    readOnly: true,
    handle: accountOrders,
  },
  { name: 'newOrder', path: /^\/new-order$/, signer: 'kid', handle: newOrder },
  { name: 'order', path: RegExp(`^/order/${id}$`), signer: 'kid', readOnly: true, handle: order },
  { name: 'authorization', path: RegExp(`^/authorization/${id}$`), signer: 'kid', handle: authorization },
  { name: 'challenge', path: RegExp(`^/challenge/${id}$`), signer: 'kid', handle: challenge },
  { name: 'finalize', path: RegExp(`^/finalize/${id}$`), signer: 'kid', handle: finalize },
  {
    name: 'certificate',
    path: /^\/certificate\/([0-9A-F]+(?:\/[1-9])?)$/,
    signer: 'kid',
    readOnly: true,
    handle: certificate,
  },
  { name: 'revokeCert', path: /^\/revoke-cert$/, signer: 'either', handle: revokeCert },
  { name: 'keyChange', path: /^\/key-change$/, signer: 'kid', handle: keyChange },
  { name: 'renewalInfo', path: /^\/renewal-info\/([^/]*)$/, signer: 'none', handle: renewalInfo },
]
