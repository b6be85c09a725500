/** Identifiers that HTTP-01 can validate: DNS names (A-labels, no wildcard) and IP literals. Pure. */
import { z } from 'zod'

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/

/** What is wrong with the name, in words for the person who wrote it, or undefined. */
export function identifierFault(text: string): string | undefined {
  if (text.startsWith('*.')) return 'is a wildcard, which HTTP-01 cannot validate (DNS-01 is out of scope)'
  if (text !== text.toLowerCase()) return 'has capital letters; write it in lower case'
  if (/[^\x21-\x7e]/.test(text)) return 'has characters outside ASCII; write the A-label (xn--…)'
  if (isIpAddress(text)) return undefined
  if (text.endsWith('.')) return 'ends with a dot; leave it out'
  if (text.length > 253) return 'is longer than 253 characters'
  const labels = text.split('.')
  if (labels.length < 2) return 'has no dot; a public name has at least two labels'
  if (!labels.every((part) => label.test(part))) return 'is not a DNS name'
  return undefined
}

/** An IPv4 or IPv6 literal, without brackets, as RFC 8738 identifiers are written. */
export function isIpAddress(text: string): boolean {
  if (ipv4.test(text)) return true
  return text.includes(':') && /^[0-9a-f:.]+$/.test(text) && URL.canParse(`http://[${text}]/`)
}

export const dnsIdentifier = z
  .string()
  .superRefine((text, context) => {
    const fault = identifierFault(text)
    if (fault) context.addIssue({ code: 'custom', message: fault })
  })
  .describe('A DNS name such as book.example.com, or an IP address.')
