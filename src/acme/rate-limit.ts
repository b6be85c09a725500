/**
 * What a rate limit of the CA covers. RFC 8555 §6.6 says only that there is one; Boulder says which by the anchor of its
 * documentation and by its words, and quotes the name it counted. Pure.
 */
import { isIP } from 'node:net'
import type { LimitScope } from '../reason.ts'

type Kind = LimitScope['kind']

/** Anchors of letsencrypt.org/docs/rate-limits, the older spellings included. Not listed: `issuer`. */
const anchors: readonly (readonly [RegExp, Kind])[] = [
  [/#new-certificates-per-registered-domain\b/, 'registeredDomain'],
  [/#new-certificates-per-exact-set-of-(?:identifiers|hostnames)\b/, 'identifierSet'],
  [/#(?:consecutive-)?authorization-failures-per-(?:identifier|hostname)-per-account\b/, 'identifier'],
]

/** The words, for a text whose link was cut or left out. */
const phrases: readonly (readonly [RegExp, Kind])[] = [
  [/already issued for this exact set of/i, 'identifierSet'],
  [/certificates \(\d+\) already issued for "/i, 'registeredDomain'],
  [/failed authorizations (?:\(\d+\) )?(?:recently )?for "/i, 'identifier'],
  [/prevented from requesting certificates for /i, 'identifier'],
]

/** `a.example.com and possibly others`, `a.example.com, b.example.com and …`: an account's paused names, unquoted. */
const paused = /prevented from requesting certificates for ([^\s,]{1,253})/i

/**
 * A limit that we cannot place holds the whole issuer: waiting too widely costs time, asking a limited CA again and again
 * costs the limit.
 */
export function limitScope(detail: string): LimitScope {
  const kind = [...anchors, ...phrases].find(([pattern]) => pattern.test(detail))?.[1] ?? 'issuer'
  switch (kind) {
    case 'issuer':
    case 'identifierSet':
      return { kind }
    case 'registeredDomain':
    case 'identifier':
      return named(kind, /"([^"\s]{1,253})"/.exec(detail)?.[1] ?? paused.exec(detail)?.[1])
  }
}

/** The certificate limit of an address is counted by the address (IPv4) or by a network, which no scope can say. */
function named(kind: 'registeredDomain' | 'identifier', name: string | undefined): LimitScope {
  const value = name?.toLowerCase() ?? ''
  if (isIP(value) !== 0) return { kind: 'identifier', value }
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(value) ? { kind, value } : { kind: 'issuer' }
}
