/**
 * The request target (RFC 9112 §3.2): which path it asks for, and whether that path may stand in a Location. Pure.
 * Bytes are characters here: node hands the target over as latin1.
 */
import { parseHost, sameAuthority, type Host } from './host.ts'

export const targetFaults = [
  'targetAsterisk', // OPTIONS *: about the server, not about a page
  'targetNotAPath', // authority-form (CONNECT) or nothing that RFC 9112 knows
  'targetOtherScheme', // absolute-form with something else than http
  'targetOtherAuthority', // absolute-form for another host than the Host header says
  'targetBadCharacter', // control characters, white space, bytes outside ASCII
  'targetFragment', // a # is never sent by a client; behind it the Location would be cut
  'targetBadPercent', // % without two hexadecimal digits
  'targetTooLong', // a Location is never cut, so there is nothing to redirect to
] as const
export type TargetFault = (typeof targetFaults)[number]

// Printable ASCII without # and with whole percent codes. Wider than RFC 3986 on purpose: browsers send | ^ { } [ ] `
// and \ as they are. None of them can end the host of a Location, in which the path starts with our own slash.
const wellFormed = /^(?:[!-"$&-~]|%[0-9A-Fa-f]{2})*$/
const absolute = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^]*)$/

/**
 * Path and query of a target, byte for byte: origin-form as it is; absolute-form (RFC 9112 §3.2.2) where it names the
 * same authority as the Host header. RFC 9112 would follow the target alone; that two disagree is refused instead,
 * since a proxy in front may have routed by the other one.
 */
export function pathOfTarget(target: string, host: Host): { readonly path: string } | TargetFault {
  if (target.startsWith('/')) return { path: target }
  if (target === '*') return 'targetAsterisk'
  const [whole, scheme, authority, rest] = absolute.exec(target) ?? []
  if (whole === undefined || authority === undefined || rest === undefined) return 'targetNotAPath'
  if (scheme?.toLowerCase() !== 'http') return 'targetOtherScheme'
  const named = parseHost(authority)
  if (typeof named === 'string' || !sameAuthority(named, host, 80)) return 'targetOtherAuthority'
  return { path: rest.startsWith('/') ? rest : `/${rest}` }
}

/** Why path and query must not stand in a Location, or undefined. `maxLength` is in characters. */
export function pathFault(path: string, maxLength: number): TargetFault | undefined {
  if (path.length > maxLength) return 'targetTooLong'
  if (wellFormed.test(path)) return undefined
  if (/[^!-~]/.test(path)) return 'targetBadCharacter'
  return path.includes('#') ? 'targetFragment' : 'targetBadPercent'
}
