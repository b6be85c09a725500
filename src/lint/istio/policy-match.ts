/**
 * Whether a rule of an AuthorizationPolicy takes the request of a CA: from anywhere, without client certificate and token.
 * Pure. `maybe`: it hangs on what is not in the objects, such as headers, private networks or the port of the pods.
 */
import type { z } from 'zod'
import type { authorizationPolicySpec } from '../istio-specs.ts'
import { all, any, challengePath, type Answer } from './challenge-match.ts'

export type PolicyRule = z.output<typeof authorizationPolicySpec>['rules'][number]
type Source = NonNullable<PolicyRule['from'][number]['source']>
type Operation = NonNullable<PolicyRule['to'][number]['operation']>

export interface Stranger {
  readonly host: string
  /** As if it carried a token that is believed. */
  readonly token: boolean
}

export function takes({ from, to, when }: PolicyRule, stranger: Stranger): Answer {
  return all([
    from.length === 0 ? 'yes' : any(from.map(({ source }) => (source ? fromIs(source, stranger) : 'yes'))),
    to.length === 0 ? 'yes' : any(to.map(({ operation }) => (operation ? isTo(operation, stranger) : 'yes'))),
    all(when.map((condition) => holds(condition, stranger))),
  ])
}

export function isTo(operation: Operation, { host }: Stranger): Answer {
  const ofHost = (pattern: string) => like(pattern.toLowerCase(), host)
  return all([
    both(operation.hosts, operation.notHosts, ofHost),
    both(operation.ports, operation.notPorts, ofPort),
    both(operation.methods, operation.notMethods, (pattern) => like(pattern, 'GET')),
    both(operation.paths, operation.notPaths, ofPath),
  ])
}

function fromIs(source: Source, { token }: Stranger): Answer {
  const never = () => 'no' as const
  return all([
    both(source.principals, source.notPrincipals, never),
    both(source.namespaces, source.notNamespaces, never),
    both(source.serviceAccounts, source.notServiceAccounts, never),
    both(source.requestPrincipals, source.notRequestPrincipals, () => (token ? 'yes' : 'no')),
    both(source.ipBlocks, source.notIpBlocks, ofAddress),
    both(source.remoteIpBlocks, source.notRemoteIpBlocks, ofAddress),
  ])
}

type Condition = PolicyRule['when'][number]

function holds({ key, values, notValues }: Condition, { token }: Stranger): Answer {
  if (key.startsWith('request.auth.')) return both(values, notValues, () => (token ? 'yes' : 'no'))
  if (/^source\.(namespace|principal|serviceAccount)$/.test(key)) return both(values, notValues, () => 'no')
  if (key === 'source.ip' || key === 'remote.ip') return both(values, notValues, ofAddress)
  return key === 'destination.port' ? both(values, notValues, ofPort) : 'maybe'
}

/** Some of the first, none of the second; an empty list asks for nothing. */
function both(some: readonly string[], none: readonly string[], of: (value: string) => Answer): Answer {
  const opposite = { yes: 'no', no: 'yes', maybe: 'maybe' } as const
  return all([
    some.length === 0 ? 'yes' : any(some.map(of)),
    none.length === 0 ? 'yes' : opposite[any(none.map(of))],
  ])
}

/** `a`, `a*`, `*a` or `*`. */
function like(pattern: string, text: string): Answer {
  if (pattern === '*') return 'yes'
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1)) ? 'yes' : 'no'
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1)) ? 'yes' : 'no'
  return pattern === text ? 'yes' : 'no'
}

const ofPath = (pattern: string): Answer => (pattern.includes('{') ? 'maybe' : like(pattern, challengePath))

/** The policy means the port of the pods, which is 80 or 8080 for most and is not known here. */
const ofPort = (port: string): Answer => (port === '80' || port === '8080' ? 'maybe' : 'no')

/** A public CA asks from addresses that it does not tell; behind a load balancer everybody may come from a private one. */
function ofAddress(block: string): Answer {
  if (/^(0\.0\.0\.0|::)\/0$/.test(block)) return 'yes'
  return /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd]|fe[89ab]|::1)/i.test(
    block,
  )
    ? 'maybe'
    : 'no'
}
