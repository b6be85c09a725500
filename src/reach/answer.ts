/**
 * What the answer to a request of the CA means, when it was not ours: which finding, and in which words. Pure. Nothing of the
 * answer itself is repeated, neither its body nor where it leads: it comes from a stranger, and might be somebody's page.
 */
import type { FindingCode } from '../finding/catalogue.ts'

/** A single answer, no redirect followed. */
export interface AnswerFacts {
  readonly status: number
  /** `server` is Envoy's own name: the answer came through a gateway, whoever gave it. */
  readonly envoy: boolean
  /** `x-envoy-upstream-service-time`: an application behind the gateway gave it, not the gateway itself. */
  readonly upstream: boolean
  /** Of the Location; absent without one. */
  readonly redirect?: { readonly secure: boolean; readonly sameHost: boolean; readonly login: boolean }
  readonly body: BodyFacts
}

export type BodyFacts =
  | 'ours' // the key authorization, byte for byte but for white space at the end
  | 'altered' // contains it
  | 'empty'
  | 'port80' // one of port80's own refusals
  | 'tls' // says that it wanted TLS
  | 'other'

/** No answer at all. */
export const silences = [
  'refused',
  'late',
  'closed',
  'proxyHeader',
  'tls', // closes plain connections, and speaks TLS
  'notHttp',
  'unresolved',
  'unreachable',
  'noRoute', // this machine has no such network, IPv6 as a rule
  'sidecar', // one of ours answered in its place: it does not know the host, or cannot reach the address
] as const
export type Silence = (typeof silences)[number]

export interface Judgement {
  readonly code: FindingCode
  readonly seen: string
  /** What mends it, where the code alone does not say; `{host}` is filled in. */
  readonly mend?: string
}

/** Undefined: it is our own answer. */
export function judgeAnswer(facts: AnswerFacts): Judgement | undefined {
  for (const rule of rules) {
    const judgement = rule(facts)
    if (judgement !== undefined) return judgement === 'well' ? undefined : judgement
  }
  return elsewhere(facts)
}

/** In this order; the first that says something is it. */
const rules: readonly ((facts: AnswerFacts) => Judgement | 'well' | undefined)[] = [
  own,
  login,
  redirected,
  filtered,
  tlsWanted,
  otherPort80,
  noRoute,
]

function own({ status, body }: AnswerFacts): Judgement | 'well' | undefined {
  if (status !== 200) return undefined
  if (body === 'ours') return 'well'
  return body === 'altered' ? { code: 'P80-313', seen: 'answered 200, and changed the body' } : undefined
}

function login({ status, redirect }: AnswerFacts): Judgement | undefined {
  if (!redirect?.login) return undefined
  return { code: 'P80-304', seen: `answered ${status} with a redirect that looks like a login` }
}

function redirected({ status, redirect, envoy, upstream }: AnswerFacts): Judgement | undefined {
  if (redirect === undefined) return undefined
  const to = `${redirect.secure ? 'https' : 'http'} of ${redirect.sameHost ? 'the same host' : 'another host'}`
  return { code: 'P80-303', seen: `${giver(envoy, upstream)} answered ${status}, a redirect to ${to}` }
}

function filtered({ status, envoy, upstream }: AnswerFacts): Judgement | undefined {
  if (![401, 403, 407, 511].includes(status)) return undefined
  return { code: 'P80-304', seen: `${giver(envoy, upstream)} answered ${status}` }
}

function tlsWanted({ status, body }: AnswerFacts): Judgement | undefined {
  if (status !== 400 || body !== 'tls') return undefined
  return { code: 'P80-308', seen: 'answered 400 and that it wants TLS' }
}

function otherPort80({ status, body }: AnswerFacts): Judgement | undefined {
  if (body !== 'port80') return undefined
  return { code: 'P80-315', seen: `a port80 answered ${status}: it does not know the token` }
}

/** Envoy's own 404 (no virtual host, no route) and 5xx (a route to nobody) have no upstream. */
function noRoute({ status, envoy, upstream }: AnswerFacts): Judgement | undefined {
  if (!envoy || upstream || (status !== 404 && status < 500)) return undefined
  const means = status === 404 ? 'it has no route for this path' : 'its route leads to nobody who answers'
  return { code: 'P80-301', seen: `the gateway itself answered ${status}: ${means}` }
}

function elsewhere({ status, envoy, upstream }: AnswerFacts): Judgement {
  const code = envoy ? 'P80-302' : 'P80-305'
  return { code, seen: `${giver(envoy, upstream)} answered ${status}, and not with the token` }
}

function giver(envoy: boolean, upstream: boolean): string {
  if (upstream) return 'an application behind the gateway'
  return envoy ? 'the gateway itself' : 'a server that is no Envoy'
}

/**
 * A sidecar of ours answers itself for what it does not know (502) or cannot reach (503). `named`: a server stands in the
 * answer that is not a sidecar's, as gateways of Istio have one. Whether there is a sidecar at all, its caller has to see.
 */
export function mayBeOfSidecar({ status, upstream }: AnswerFacts, named: boolean): boolean {
  return status > 500 && !upstream && !named
}

export function judgeSilence(silence: Silence): Judgement {
  switch (silence) {
    case 'refused':
      return { code: 'P80-306', seen: 'refused the connection' }
    case 'late':
      return { code: 'P80-307', seen: 'did not answer in time' }
    case 'unreachable':
    case 'noRoute':
      return { code: 'P80-307', seen: 'could not be reached' }
    case 'sidecar':
      return {
        code: 'P80-307',
        seen: 'was not reached: the sidecar of this pod answered in its place',
        mend: 'make {host} a host of the mesh for it (mesh.serviceEntry.create of the chart, hosts of discovered Gateways under routes.extraHosts), and let port 80 of this address be reached',
      }
    case 'closed':
      return { code: 'P80-305', seen: 'closed the connection without an answer' }
    case 'proxyHeader':
      return { code: 'P80-314', seen: 'closed the connection, but answers behind a PROXY header' }
    case 'tls':
      return { code: 'P80-308', seen: 'closed the plain connection, and speaks TLS there' }
    case 'notHttp':
      return { code: 'P80-308', seen: 'answered something that is no HTTP' }
    case 'unresolved':
      return { code: 'P80-310', seen: 'the name has no address' }
  }
}

/** `{host}`, `{path}`, `{at}` and `{ca}` are filled in. Only the symptom is known here; the object at fault is among the routes of the cluster. */
const mending: Partial<Record<FindingCode, string>> = {
  'P80-301':
    'give {path} a route to the Service of port80 on this gateway, and see that the Service has ready pods',
  'P80-302':
    'let {path} reach port80 before the route of the application: name {host} in the routes of port80',
  'P80-303':
    'take the redirect away from port 80 for {host}: tls.httpsRedirect of its Gateway, or a redirect in a VirtualService',
  'P80-304':
    'exempt /.well-known/acme-challenge/* from authorization on this gateway (notPaths of the policy)',
  'P80-305': 'correct the A or AAAA record of {host}, or let {at} lead to the gateway',
  'P80-306': 'let port 80 of this address be reached, and a Gateway listen there',
  'P80-307': 'let port 80 of this address be reached, and a Gateway listen there',
  'P80-308': 'let port 80 speak plain http, and TLS only 443',
  'P80-310':
    'give {host} an address (A or AAAA) that leads to the gateway; where the public DNS has one, name public DNS servers under resolvers',
  'P80-309': 'take the AAAA record {at} of {host} away, or let it lead to the gateway',
  'P80-311': 'add this record to the DNS: {host}. CAA 0 issue "{ca}"',
  'P80-312':
    'nothing, where the CA reaches {host}; port80 check {host} says so from a machine outside. Name public DNS servers under resolvers where those of this network answer otherwise',
  'P80-313': 'let nothing rewrite the body below {path}',
  'P80-314': 'let the load balancer send the PROXY header, or take the listener filter away',
  'P80-315': 'let {path} reach the port80 that orders for {host}, or let that other one order it',
  'P80-316': "start a pod of the gateway, or correct the selector of the certificate's gateway",
}

export interface MendingPlace {
  readonly host: string
  /** Pod or address. */
  readonly at: string
  /** Name of the CA in CAA records. */
  readonly ca: string
}

/** What to do, in words; `own` goes before those of the code. */
export function mendingOf(code: FindingCode, { host, at, ca }: MendingPlace, own?: string): string {
  return (own ?? mending[code] ?? 'let {path} reach port80 unchanged')
    .replaceAll('{path}', `http://${host}/.well-known/acme-challenge/`)
    .replaceAll('{host}', host)
    .replaceAll('{at}', at)
    .replaceAll('{ca}', ca)
}
