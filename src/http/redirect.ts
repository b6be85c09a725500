/**
 * What a request to the public port gets: a challenge answer, a redirect, or a refusal with its reason. Pure: every
 * rule of docs/http.md that is not about bytes on the wire is decided here.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { isBelowPrefix, tokenOf } from '../challenge/token.ts'
import type { RedirectConfig } from '../config/schema.ts'
import type { RequestFacts } from './facts.ts'
import { parseHost, type Host, type HostFault } from './host.ts'
import { refusal, type Refusal, type RefusalReason } from './refusal.ts'
import { pathFault, pathOfTarget } from './target.ts'

export type RedirectStatus = RedirectConfig['status']

export interface Redirect {
  readonly do: 'redirect'
  readonly status: RedirectStatus
  /** As `Host.name`. */
  readonly host: string
  readonly location: string
  readonly cacheControl: string
}

/**
 * Below the challenge prefix; no `token` where the path holds none. `host` is the Host header, known to be valid, or the
 * identifier in the query of a worker that asks by the internal name.
 */
export interface ChallengeRequest {
  readonly do: 'challenge'
  readonly token: string | undefined
  readonly host: string
}

export type Decision = Redirect | ChallengeRequest | Refusal

/** The configuration, made ready to decide by. */
export interface RedirectSettings {
  readonly status: RedirectStatus
  /** Of names that have one of their own, as `Host.name`; undefined when none has. */
  readonly statuses: ReadonlyMap<string, RedirectStatus> | undefined
  /** As `Host.name`: asked by this name, a challenge is for `?identifier=` (src/challenge/ask.ts). */
  readonly internalName: string | undefined
  /** Empty for 443, else `:port`. */
  readonly portSuffix: string
  readonly cacheControl: string
  /** Names as `Host.name`; undefined redirects every valid host. */
  readonly configured: ReadonlySet<string> | undefined
  /** Whether X-Forwarded-Proto of this address is believed; undefined when nobody is. */
  readonly trusts: ((address: string) => boolean) | undefined
  /** Characters. */
  readonly maxTargetLength: number
}

export interface RedirectFacts {
  readonly redirect: RedirectConfig
  /** The identifiers of all certificates. */
  readonly configuredHosts: readonly string[]
  /** By identifier, of certificates that have a status of their own. */
  readonly statuses?: ReadonlyMap<string, RedirectStatus> | undefined
  /** The name by which the worker asks one of several responders in a cluster. */
  readonly internalHost?: string | undefined
}

/** `maxTargetLength` in characters. */
export function redirectSettings(facts: RedirectFacts, maxTargetLength: number): RedirectSettings {
  const { redirect: config, configuredHosts, statuses, internalHost } = facts
  return {
    status: config.status,
    statuses: statuses?.size
      ? new Map([...statuses].map(([name, status]) => [hostName(name), status]))
      : undefined,
    internalName: internalHost === undefined ? undefined : hostName(internalHost),
    portSuffix: config.httpsPort === 443 ? '' : `:${config.httpsPort}`,
    cacheControl: config.maxAge === 0 ? 'no-store' : `max-age=${Math.ceil(config.maxAge / 1_000)}`,
    configured: config.hosts === 'any' ? undefined : new Set(configuredHosts.map(hostName)),
    trusts: config.trustForwardedProto.length === 0 ? undefined : trustedHops(config.trustForwardedProto),
    maxTargetLength,
  }
}

/**
 * Order matters: the Host is checked first, since nothing may be built from a bad one; then the challenge prefix, so
 * that no later rule can send a challenge request elsewhere. `readHost` is `parseHost`, or something that remembers
 * what parseHost said.
 */
export function decide(
  facts: RequestFacts,
  settings: RedirectSettings,
  readHost: (text: string) => Host | HostFault = parseHost,
): Decision {
  if (facts.httpMajor !== 1) return refusal('httpVersion')
  if (facts.host === undefined) return refusal('hostMissing')
  if (facts.hosts !== 1) return refusal('hostRepeated')
  const host = readHost(facts.host)
  if (typeof host === 'string') return refusal(host)
  const target = pathOfTarget(facts.target, host)
  if (typeof target === 'string') return refusal(target)
  const { path } = target
  if (isBelowPrefix(path)) return challenge(path, host, { header: facts.host, settings })
  const fault = pathFault(path, settings.maxTargetLength) ?? loopFault(facts, settings)
  if (fault !== undefined) return refusal(fault)
  if (settings.configured?.has(host.name) === false) return refusal('hostNotConfigured')
  return {
    do: 'redirect',
    status: statusFor(host, settings),
    host: host.name,
    location: `https://${host.urlHost}${settings.portSuffix}${path}`,
    cacheControl: settings.cacheControl,
  }
}

function statusFor({ name }: Host, { statuses, status }: RedirectSettings): RedirectStatus {
  return statuses?.get(name) ?? status
}

function challenge(
  path: string,
  { name }: Host,
  { header, settings }: { header: string; settings: RedirectSettings },
): ChallengeRequest {
  const host = name === settings.internalName ? identifierIn(path) : header
  return { do: 'challenge', token: tokenOf(path), host }
}

/** The Host that the CA would send; empty, which is nobody's, when the query names none. */
function identifierIn(path: string): string {
  const query = path.indexOf('?')
  const identifier = query === -1 ? null : new URLSearchParams(path.slice(query)).get('identifier')
  return identifier?.includes(':') ? `[${identifier}]` : (identifier ?? '')
}

function loopFault(facts: RequestFacts, settings: RedirectSettings): RefusalReason | undefined {
  if (settings.trusts === undefined || facts.forwardedProto === undefined) return undefined
  // With several hops in one list the first is the client's own leg, the one that a redirect would send it to again.
  const [first] = facts.forwardedProto.split(',', 1)
  if (first?.trim().toLowerCase() !== 'https') return undefined
  const address = facts.remoteAddress
  return address !== undefined && settings.trusts(address) ? 'alreadyHttps' : undefined
}

/** The `Host.name` of an identifier of the configuration. */
export function hostName(identifier: string): string {
  const host = parseHost(identifier.includes(':') ? `[${identifier}]` : identifier)
  return typeof host === 'string' ? identifier : host.name
}

/** A server on `::` sees IPv4 peers as ::ffff:10.0.0.1; they are matched against the IPv4 ranges. */
function trustedHops(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    list.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4')
  }
  return (address) => {
    const [unzoned = ''] = address.toLowerCase().split('%', 1)
    const plain = unzoned.startsWith('::ffff:') ? unzoned.slice('::ffff:'.length) : unzoned
    if (isIPv4(plain)) return list.check(plain, 'ipv4')
    return isIPv6(unzoned) && list.check(unzoned, 'ipv6')
  }
}
