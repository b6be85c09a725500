/** What the issuers of the file must be for each other and for what port80 knows. Pure. */
import { isIPv4 } from 'node:net'
import { bucketNames, limitsOf } from '../budget/limits.ts'
import { finding, type Finding } from './fault.ts'
import { isIpAddress } from './identifier.ts'
import { knownIssuer, knownIssuers } from './known-issuers.ts'
import type { Sketch } from './sketch.ts'

type Check = (name: string, directory: string | undefined) => string | undefined

/** One check a rule; each answers the fix, or undefined. They look at the directory of one issuer. */
const directoryChecks: readonly Check[] = [
  function missing(name, directory) {
    if (directory !== undefined || knownIssuer(name)) return undefined
    const known = Object.keys(knownIssuers).join(' and ')
    return `is required; write the URL of the ACME directory (only ${known} are known without)`
  },
  /** A known name keeps its meaning: "letsencrypt" in a status page is the production CA and nothing else. */
  function otherThanKnown(name, directory) {
    const known = knownIssuer(name)
    if (directory === undefined || !known || directory === known.directory) return undefined
    return `is not the directory of ${name}; take it out, or give the other CA a name of its own`
  },
  function hasUserinfo(_name, directory) {
    const url = parse(directory)
    return url && (url.username !== '' || url.password !== '')
      ? 'has a user or password in it; write the URL without'
      : undefined
  },
  /** An account key signs what the directory says (RFC 8555 §6.1: HTTPS is a must); on one machine nobody listens in. */
  function isPlainHttp(_name, directory) {
    const url = parse(directory)
    return url?.protocol === 'http:' && !isLoopback(url.hostname)
      ? 'is http to another machine; write an https URL'
      : undefined
  },
]

export function issuerFindings(sketch: Sketch): Finding[] {
  return [...directoryFindings(sketch), ...limitFindings(sketch)]
}

/** Limits without a bucket, of a CA whose limits are not known, would look like a protection and be none. */
function limitFindings(sketch: Sketch): Finding[] {
  return Object.entries(sketch.issuers ?? {}).flatMap(([name, issuer]) => {
    const limits = issuer?.limits
    if (typeof limits !== 'object' || limitsOf(directoryOf(name, issuer))) return []
    // A faulty one is there, too, and has a finding of its own.
    if (bucketNames.some((bucket) => bucket in limits && limits[bucket] !== 'off')) return []
    const fix = `counts nothing, because the limits of this CA are not known; write a bucket such as newOrders, or limits: off`
    return [finding(['issuers', name, 'limits'], limits, fix)]
  })
}

function directoryOf(name: string, issuer: { readonly directory?: string | undefined } | undefined): string {
  return issuer?.directory ?? knownIssuer(name)?.directory ?? ''
}

function directoryFindings(sketch: Sketch): Finding[] {
  return Object.entries(sketch.issuers ?? {}).flatMap(([name, issuer]) => {
    // Faulty already: nothing is known of it.
    if (issuer === undefined || ('directory' in issuer && issuer.directory === undefined)) return []
    for (const check of directoryChecks) {
      const fix = check(name, issuer.directory)
      if (fix !== undefined) return [finding(['issuers', name, 'directory'], issuer.directory, fix)]
    }
    return []
  })
}

/** localhost and what is below it (RFC 6761 §6.3), 127.0.0.0/8, ::1. `hostname` is as a URL has it. */
function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIpAddress(host)) return host === '::1' || (isIPv4(host) && host.startsWith('127.'))
  return host === 'localhost' || host.endsWith('.localhost')
}

function parse(directory: string | undefined): URL | undefined {
  return directory === undefined || !URL.canParse(directory) ? undefined : new URL(directory)
}
