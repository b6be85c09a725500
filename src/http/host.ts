/**
 * The authority of a request: a Host header (RFC 9110 §7.2) or the authority of an absolute-form target, read into a
 * normal form or refused with a named reason. Pure. Everything that ever stands in a Location comes out of here.
 */
import { isIPv4, isIPv6 } from 'node:net'

export interface Host {
  /** Lower case, no trailing dot, no brackets; an IPv6 address in its one RFC 5952 spelling. Compare by this. */
  readonly name: string
  /** `name` as it is written in a URL: an IPv6 address in brackets. */
  readonly urlHost: string
  /** 1–65535; absent when the text has none, or an empty one (`a.test:` is grammatical, RFC 3986 §3.2.3). */
  readonly port: number | undefined
}

/** Why a text is no host. `hostTooLong` also bounds the work that a stranger can ask for. */
export const hostFaults = [
  'hostEmpty',
  'hostTooLong', // a name over 253 characters
  'hostUserinfo', // user@host never belongs into a Host header; browsers would go to what stands behind the @
  'hostBadCharacter', // white space, CR, LF, non-ASCII, percent codes, slashes, more than one colon
  'hostBadLabel', // empty, over 63 characters, or a hyphen at an end (RFC 1123 §2.1)
  'hostBadAddress', // looks like an IP address and is none
  'hostBadPort',
] as const
export type HostFault = (typeof hostFaults)[number]

const maxName = 253
/** Brackets, trailing dot and `:65535` on top of the longest name. */
const maxText = maxName + 9

// Underscores are no host name characters, but DNS and Envoy let them through and people have such names.
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
const nameCharacters = /^[a-z0-9._-]*$/
const printable = /^[!-~]+$/
const bracketed = /^\[([0-9a-f:.]+)\](?::(.*))?$/
// What a URL parser takes for an IPv4 address (WHATWG URL "ends in a number"): 127.1 and 0x7f.1 would be read as
// 127.0.0.1 by browsers, so they are refused instead of passed on as names.
const endsInNumber = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/

/** The host that `text` names, or why it names none. Never throws. */
export function parseHost(text: string): Host | HostFault {
  if (text === '') return 'hostEmpty'
  if (text.length > maxText) return 'hostTooLong'
  if (text.includes('@')) return 'hostUserinfo'
  // Before the case is folded: U+212A, the Kelvin sign, has an ordinary k for its lower case.
  if (!printable.test(text)) return 'hostBadCharacter'
  const lower = text.toLowerCase()
  return lower.startsWith('[') ? parseBracketed(lower) : parseNamed(lower)
}

/** Two spellings of one authority: same host, same port, where no port is `defaultPort`. */
export function sameAuthority(one: Host, other: Host, defaultPort: number): boolean {
  return one.name === other.name && (one.port ?? defaultPort) === (other.port ?? defaultPort)
}

function parseBracketed(text: string): Host | HostFault {
  const match = bracketed.exec(text)
  if (!match) return text.includes(']') ? 'hostBadAddress' : 'hostBadCharacter'
  const address = match[1] ?? ''
  // No zone (RFC 6874): it means something only on the client's own machine. `%` did not pass the pattern.
  if (!isIPv6(address)) return 'hostBadAddress'
  const port = parsePort(match[2])
  if (port === 'hostBadPort') return port
  const urlHost = new URL(`http://[${address}]/`).hostname
  return { name: urlHost.slice(1, -1), urlHost, port }
}

function parseNamed(text: string): Host | HostFault {
  const colon = text.indexOf(':')
  const before = colon === -1 ? text : text.slice(0, colon)
  if (!nameCharacters.test(before)) return 'hostBadCharacter'
  if (colon !== -1 && text.includes(':', colon + 1)) return 'hostBadCharacter'
  const port = parsePort(colon === -1 ? undefined : text.slice(colon + 1))
  if (port === 'hostBadPort') return port
  const name = before.endsWith('.') ? before.slice(0, -1) : before
  const fault = nameFault(name)
  return fault ?? { name, urlHost: name, port }
}

function nameFault(name: string): HostFault | undefined {
  if (name === '') return 'hostEmpty'
  if (name.length > maxName) return 'hostTooLong'
  if (endsInNumber.test(name)) return isIPv4(name) ? undefined : 'hostBadAddress'
  return name.split('.').every((part) => label.test(part)) ? undefined : 'hostBadLabel'
}

function parsePort(text: string | undefined): number | undefined | 'hostBadPort' {
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,5}$/.test(text)) return 'hostBadPort'
  const port = Number(text)
  return port >= 1 && port <= 65_535 ? port : 'hostBadPort'
}
