/**
 * Tokens of the HTTP-01 challenge (RFC 8555 §8.3): their syntax, the path they are asked under, the key authorization
 * (§8.1), and whether a request came for the identifier that is being validated. Pure.
 */
import { parseHost } from '../http/host.ts'

/** Tokens stand directly below this prefix; nothing below it is ever redirected. */
export const challengePrefix = '/.well-known/acme-challenge/'
const prefixItself = challengePrefix.slice(0, -1)

// base64url without padding. 128 is far above the 43 characters that CAs use, and bounds what a stranger can make the
// store look up.
const tokenSyntax = /^[A-Za-z0-9_-]{1,128}$/

/** Whether `text` may be a token. Everything else is refused before any store is asked. */
export function isToken(text: string): boolean {
  return tokenSyntax.test(text)
}

/** The path a CA asks for. Throws RangeError when `token` is no token: it would end up in URLs and file names. */
export function challengePath(token: string): string {
  if (!isToken(token)) throw new RangeError('not a token of an ACME challenge')
  return challengePrefix + token
}

/** The token in a request path (a query is ignored), or undefined where the rest is not exactly one token. */
export function tokenOf(path: string): string | undefined {
  if (!path.startsWith(challengePrefix)) return undefined
  const query = path.indexOf('?')
  const token = path.slice(challengePrefix.length, query === -1 ? undefined : query)
  return isToken(token) ? token : undefined
}

/**
 * Whether a request path belongs to the challenge prefix: as written, or after its percent codes and dot segments are
 * resolved (RFC 3986 §6.2.2), since whoever is behind the redirect might resolve them. The prefix itself without its
 * last slash belongs to it. `/.well-known/acme-challenge/../x` does too: leaving by `..` is no way to a redirect.
 */
export function isBelowPrefix(path: string): boolean {
  if (path.startsWith(prefixItself) && endsSegment(path, prefixItself.length)) return true
  // Without a percent code or a dot at the start of a segment, what is written is what it resolves to. The query is none of
  // that: it often holds percent codes, and resolving for their sake was measured at a twentieth of what a redirect costs.
  const query = path.indexOf('?')
  const written = query === -1 ? path : path.slice(0, query)
  if (!written.includes('%') && !written.includes('/.')) return false
  const resolved = resolve(written)
  return resolved.startsWith(prefixItself) && endsSegment(resolved, prefixItself.length)
}

/** `token.thumbprint` (RFC 8555 §8.1); `thumbprint` is the base64url SHA-256 of the account's JWK (RFC 7638). */
export function keyAuthorization(token: string, thumbprint: string): string {
  if (!isToken(token)) throw new RangeError('not a token of an ACME challenge')
  if (!/^[A-Za-z0-9_-]{43}$/.test(thumbprint)) throw new RangeError('not the thumbprint of an account key')
  return `${token}.${thumbprint}`
}

/**
 * Whether a Host header names the identifier (a valid name or address: the stores take no other): case, port, a trailing
 * dot, brackets and the spelling of an IPv6 address aside. Without this check, whoever gets a name pointed at us could
 * fetch another name's key authorization.
 */
export function hostMatches(hostHeader: string, identifier: string): boolean {
  const isAddress6 = identifier.includes(':')
  // As good as always a CA writes the name as it was ordered, and what the identifier is needs no reading again.
  if (hostHeader === identifier && !isAddress6) return identifier !== ''
  const host = parseHost(hostHeader)
  if (typeof host === 'string') return false
  const wanted = parseHost(isAddress6 ? `[${identifier}]` : identifier)
  return typeof wanted !== 'string' && host.name === wanted.name
}

function endsSegment(path: string, at: number): boolean {
  return path.length === at || path[at] === '/' || path[at] === '?'
}

/** Of a path without its query. All percent codes are decoded, %2F too: a server behind the redirect that does so would see the prefix. */
function resolve(path: string): string {
  const decoded = path.replace(/%([0-9A-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  const kept: string[] = []
  for (const segment of decoded.split('/').slice(1)) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}`
}
