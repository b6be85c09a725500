/** Acts on an order: RFC 8555 §7.4 newOrder and finalize, §7.5 authorizations and challenges, §7.1.2.1 the list of orders. */
import { isIP } from 'node:net'
import { Port80Failure } from '../reason.ts'
import { linksOf } from './link-header.ts'
import { unusable } from './network-failure.ts'
import {
  readAuthorization,
  readOrder,
  readOrders,
  readOrdersUrl,
  type Authorization,
  type Order,
} from './resources.ts'
import { headerOf } from './signed-requests.ts'
import { accountUrl, asAccount, contextOf, type Wire } from './wire.ts'

export interface NewOrder {
  /** DNS names and IP literals without brackets (RFC 8738). */
  readonly identifiers: readonly string[]
  readonly profile?: string | undefined
  /** RFC 9773 §5: id of the certificate that is renewed; left out for a CA without renewal information. */
  readonly replaces?: string | undefined
}

/** Each method on a URL that the CA no longer knows (404) throws OrderLost: the way on is a new order. */
export interface OrderRequests {
  /** Throws AcmeInvalidProfile for a profile that the directory does not list, without asking further. */
  newOrder(request: NewOrder, signal: AbortSignal): Promise<Order>
  order(url: string, signal: AbortSignal): Promise<Order>
  /** Orders of the account for exactly these names that can still be finished; none where the CA does not list orders. */
  unfinishedOrders(identifiers: readonly string[], signal: AbortSignal): Promise<readonly Order[]>
  /** Throws AcmeOrderNotReady for an order that is pending, or past ready already. */
  finalize(order: Pick<Order, 'url' | 'finalize'>, csrDer: Buffer, signal: AbortSignal): Promise<Order>
  authorization(url: string, signal: AbortSignal): Promise<Authorization>
  /** The CA may validate from now on. */
  accept(challengeUrl: string, signal: AbortSignal): Promise<void>
  deactivateAuthorization(url: string, signal: AbortSignal): Promise<void>
}

export function orderRequests(wire: Wire): OrderRequests {
  return {
    newOrder: (request, signal) => newOrder(wire, request, signal),
    order: (url, signal) => order(wire, url, signal),
    unfinishedOrders: (identifiers, signal) => unfinishedOrders(wire, identifiers, signal),
    finalize: (subject, csrDer, signal) => finalize(wire, subject, csrDer, signal),
    async authorization(url, signal) {
      const result = await asAccount(wire, { action: 'authorization', url, signal, missing: 'OrderLost' })
      return readAuthorization(result.body, contextOf(wire, 'authorization', url, result))
    },
    async accept(url, signal) {
      await asAccount(wire, { action: 'challenge', url, payload: {}, signal, missing: 'OrderLost' })
    },
    async deactivateAuthorization(url, signal) {
      const payload = { status: 'deactivated' }
      await asAccount(wire, { action: 'authorization', url, payload, signal, missing: 'OrderLost' })
    },
  }
}

async function newOrder(wire: Wire, request: NewOrder, signal: AbortSignal): Promise<Order> {
  const { identifiers, profile, replaces } = request
  if (profile !== undefined) await assertProfile(wire, profile, signal)
  const { newOrder: url, renewalInfo } = await wire.directory.read(signal)
  const payload = {
    identifiers: identifiers.map(identifierOf),
    ...(profile !== undefined && { profile }),
    ...(replaces !== undefined && renewalInfo !== undefined && { replaces }),
  }
  const result = await asAccount(wire, { action: 'newOrder', url, payload, signal })
  const location = headerOf(result, 'location')
  if (location === undefined || !URL.canParse(location, url)) {
    throw unusable('newOrder: the answer holds no order URL (Location)')
  }
  return readOrder(result.body, contextOf(wire, 'newOrder', new URL(location, url).href, result))
}

/** A CA without profiles ignores the wish and issues something else (draft-ietf-acme-profiles §4): so it is refused here. */
async function assertProfile(wire: Wire, profile: string, signal: AbortSignal): Promise<void> {
  if ((await wire.directory.read(signal)).profiles.includes(profile)) return
  wire.directory.refresh()
  const { profiles } = await wire.directory.read(signal)
  if (profiles.includes(profile)) return
  const offers = profiles.length > 0 ? `it offers ${profiles.join(', ')}` : 'it offers none'
  throw new Port80Failure({
    reason: 'AcmeInvalidProfile',
    detail: `the CA offers no profile "${profile}"; ${offers}`.slice(0, 500),
  })
}

async function order(wire: Wire, url: string, signal: AbortSignal): Promise<Order> {
  const result = await asAccount(wire, { action: 'order', url, signal, missing: 'OrderLost' })
  return readOrder(result.body, contextOf(wire, 'order', url, result))
}

async function finalize(
  wire: Wire,
  { url, finalize: at }: Pick<Order, 'url' | 'finalize'>,
  csrDer: Buffer,
  signal: AbortSignal,
): Promise<Order> {
  const payload = { csr: csrDer.toString('base64url') }
  const result = await asAccount(wire, { action: 'finalize', url: at, payload, signal, missing: 'OrderLost' })
  return readOrder(result.body, contextOf(wire, 'finalize', url, result))
}

/** Pages and orders that are looked at, at the most: this is for a crash between newOrder and our record, not an archive. */
const mostPages = 100
const mostOrders = 100
const atOnce = 8

async function unfinishedOrders(
  wire: Wire,
  identifiers: readonly string[],
  signal: AbortSignal,
): Promise<readonly Order[]> {
  const wanted = namesKey(identifiers)
  const urls = likeliest(await listOrders(wire, signal))
  for (let at = 0; at < urls.length; at += atOnce) {
    const found = await Promise.all(
      urls.slice(at, at + atOnce).map((url) => order(wire, url, signal).catch(lost)),
    )
    const open = found.filter((each) => each !== undefined && isOpen(each, wanted)) as Order[]
    if (open.length > 0) return open
  }
  return []
}

async function listOrders(wire: Wire, signal: AbortSignal): Promise<readonly string[]> {
  const account = accountUrl(wire)
  const about = await asAccount(wire, { action: 'account', url: account, signal })
  let page = readOrdersUrl(about.body, contextOf(wire, 'account', account, about))
  const urls = new Set<string>()
  for (let pages = 0; page !== undefined && pages < mostPages; pages++) {
    const result = await asAccount(wire, { action: 'account', url: page, signal })
    for (const url of readOrders(result.body, contextOf(wire, 'account', page, result))) urls.add(url)
    page = linksOf(headerOf(result, 'link'), 'next', page)[0]
  }
  return [...urls]
}

/** RFC 8555 does not say in which order they are listed: the newest are at one end. */
function likeliest(urls: readonly string[]): readonly string[] {
  const newestLast = urls.slice(-mostOrders / 2).reverse()
  return [...new Set([...newestLast, ...urls.slice(0, mostOrders / 2)])]
}

function isOpen(order: Order, wanted: string): boolean {
  return ['pending', 'ready', 'processing'].includes(order.status) && namesKey(order.identifiers) === wanted
}

function lost(error: unknown): undefined {
  if (error instanceof Port80Failure && error.failure.reason === 'OrderLost') return undefined
  throw error
}

function namesKey(identifiers: readonly string[]): string {
  return identifiers
    .map((name) => identifierOf(name).value)
    .sort()
    .join(' ')
}

/** RFC 8738 §3: addresses in the form of RFC 5952, which for IPv6 is what URL writes. */
function identifierOf(name: string): { type: 'dns' | 'ip'; value: string } {
  const version = isIP(name)
  if (version === 0) return { type: 'dns', value: name.toLowerCase() }
  return { type: 'ip', value: version === 4 ? name : new URL(`http://[${name}]/`).hostname.slice(1, -1) }
}
