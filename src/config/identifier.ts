/** Identifiers that HTTP-01 can validate: DNS names (A-labels, no wildcard) and IP literals. Pure. */
import { isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/** Named checks: the first that fails says what is wrong and what to write instead. */
const checks: readonly ((text: string) => string | undefined)[] = [
  function isEmpty(text) {
    return text === '' ? 'names nothing; write a DNS name such as book.example.com' : undefined
  },
  function isWildcard(text) {
    return text.includes('*')
      ? 'is a wildcard, which HTTP-01 cannot validate; list each name instead'
      : undefined
  },
  function isNotAscii(text) {
    return /[^\x21-\x7e]/.test(text)
      ? 'has characters that no DNS name has; write letters, digits, dots and hyphens (xn--… for others)'
      : undefined
  },
  function hasCapitals(text) {
    return text === text.toLowerCase() ? undefined : 'has capital letters; write it in lower case'
  },
  function isIdentifier(text) {
    return text.includes(':') && isIPv6(text) ? ipv6Fault(text) : undefined
  },
  function isUrl(text) {
    if (isIpAddress(text)) return undefined
    return /[/:[\]@?#]/.test(text)
      ? 'is more than a name; leave out scheme, port, brackets and path'
      : undefined
  },
  function endsWithDot(text) {
    return text.endsWith('.') ? 'ends with a dot; leave it out' : undefined
  },
  function isTooLong(text) {
    return text.length > 253 ? 'is longer than 253 characters; write a shorter name' : undefined
  },
  function isSingleLabel(text) {
    return text.includes('.') || isIpAddress(text)
      ? undefined
      : 'has no dot; write the full name, such as book.example.com'
  },
  function isNotName(text) {
    const labels = text.split('.')
    if (isIpAddress(text)) return undefined
    return labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? '')
      ? undefined
      : 'is no DNS name; write labels of 1 to 63 letters, digits and hyphens with dots between them'
  },
]

/** What is wrong with the name, and what to write, in words for the person who wrote it; or undefined. */
export function identifierFault(text: string): string | undefined {
  for (const check of checks) {
    const fault = check(text)
    if (fault) return fault
  }
  return undefined
}

/** An IPv4 or IPv6 literal, lower case, without brackets and zone, as RFC 8738 identifiers are written. */
export function isIpAddress(text: string): boolean {
  return isIPv4(text) || (/^[0-9a-f:.]+$/.test(text) && isIPv6(text))
}

/** The certificate of the CA has the canonical form (RFC 5952), and names are compared as text. */
function ipv6Fault(text: string): string | undefined {
  if (text.includes('%')) return 'has a zone; write the address without it'
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  return canonical === text ? undefined : `is not the short form of the address; write ${canonical}`
}

export const dnsIdentifier = z
  .string()
  .superRefine((text, context) => {
    const fault = identifierFault(text)
    if (fault) context.addIssue(fault)
  })
  .meta({
    title: 'a DNS name such as book.example.com, or an IP address',
    description: 'No wildcards: HTTP-01 cannot validate them.',
  })
