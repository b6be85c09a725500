/**
 * Every finding that port80 can make: one closed set for lint, check, preflight, canary, proof of serving, budget, status
 * page, metrics, Events and alerts. Pure data. Codes are stable: one that is given up is never given to something else.
 * Each has a page in docs/findings/, which a test compares with this list.
 */

export type Severity = 'error' | 'warning' | 'note'

/**
 * `error`: a certificate cannot be issued, renewed or served, or users are sent in a circle. `warning`: it will break, or
 * cannot be judged from here. `note`: works, but is hardly meant.
 */
export interface CatalogueEntry {
  readonly severity: Severity
  /** A few words, for tables and alerts. */
  readonly title: string
  /** One or two sentences: what breaks for whom. */
  readonly why: string
}

const error = (title: string, why: string) => ({ severity: 'error', title, why }) as const
const warning = (title: string, why: string) => ({ severity: 'warning', title, why }) as const
const note = (title: string, why: string) => ({ severity: 'note', title, why }) as const

/** 1xx: routes and policies on the way to port 80; seen in the objects of the mesh. */
const routes = {
  'P80-101': error(
    'httpsRedirect on a managed host',
    'Envoy answers 301 for the whole virtual host before it looks at any route, so the CA never reaches the token.',
  ),
  'P80-102': error(
    'host taken over on port 80 by a more specific route',
    'Another VirtualService names the host itself; on the gateway it wins over the `*` of port80 for every path.',
  ),
  'P80-103': warning(
    'VirtualService meant for 443 also answers on port 80',
    'Without match.port its routes are attached to every server of the Gateway that has the host: port 80 is answered by it and not redirected.',
  ),
  'P80-104': error(
    'challenge prefix lost to an earlier route',
    'A route that stands before the one to port80 matches /.well-known/acme-challenge/ and answers the CA itself.',
  ),
  'P80-105': error(
    'redirect to https attached to port 443',
    'Whoever follows the redirect is redirected to the same URL again, for ever.',
  ),
  'P80-106': note(
    '302 where 301 is meant',
    'A temporary redirect is asked again with every visit; Gateway API redirects with 302 unless told otherwise.',
  ),
  'P80-107': error(
    'HTTPRoute without sectionName',
    'The route attaches to every listener of the Gateway, so a redirect also answers on 443.',
  ),
  'P80-108': error(
    'ReferenceGrant is missing',
    'A reference into another namespace counts for nothing until that namespace grants it.',
  ),
  'P80-109': error(
    'Service port is not http/1 for Istio',
    'Named http2 or grpc (or with such an appProtocol, or kubernetes.io/h2c) the gateway speaks HTTP/2 to a responder that speaks HTTP/1.1, and answers 502.',
  ),
  'P80-110': error(
    'responder is hidden from the gateway',
    'exportTo keeps the Service of port80 out of the configuration of the gateway, whose route then leads to nobody (503).',
  ),
  'P80-111': error(
    'AuthorizationPolicy in front of the challenge',
    'Policies are judged before routes: the CA gets 403 and not the token.',
  ),
  'P80-112': error(
    'external authorization in front of the challenge',
    'The CA is asked to log in before the route to port80 is looked at.',
  ),
  'P80-113': error(
    'mTLS to a responder without sidecar',
    'A DestinationRule lets the gateway speak mTLS to a process that speaks plain http, so each challenge ends in 503.',
  ),
  'P80-114': error(
    'host is served by no Gateway on port 80',
    'The CA asks on port 80; without a server for the host there it gets 404 or no connection.',
  ),
  'P80-115': error(
    'RequestAuthentication with a policy that wants a token',
    'The CA carries no JWT, and a policy that requires a principal answers it 403.',
  ),
} as const

/** 2xx: the Secrets that gateways serve. */
const credentials = {
  'P80-201': error(
    'Secret is not where the gateway reads it',
    'credentialName is looked up in the namespace of the gateway pods, not in that of the Gateway object.',
  ),
  'P80-202': error(
    'Secret is missing',
    'The gateway has nothing to serve for the host: TLS connections are reset.',
  ),
  'P80-203': error(
    'key does not belong to the certificate',
    'Envoy refuses the pair and goes on with the old one, or with none.',
  ),
  'P80-204': error(
    'certificate is for other names',
    'Browsers refuse the connection for the hosts that it does not name.',
  ),
  'P80-205': warning(
    'certificate expires soon, or has expired',
    'It should have been renewed by now; after its end browsers refuse the connection.',
  ),
  'P80-206': error(
    'Secret has generic keys cert and key',
    'Istio prefers them to tls.crt and tls.key, so nothing that port80 writes would be served.',
  ),
  'P80-207': error(
    'Secret is owned by another tool',
    'Two writers undo each other, and each round costs certificates of the duplicate limit.',
  ),
  'P80-208': warning(
    'one certificate on two Gateways',
    'A browser reuses its HTTP/2 connection for the second host and gets 404 from the first Gateway (IST0138).',
  ),
  'P80-209': error(
    'MUTUAL with a public CA in ca.crt',
    'In MUTUAL mode ca.crt says who may connect: everybody with a certificate of that CA may.',
  ),
  'P80-210': error(
    'gateway may not read Secrets',
    'Istio sends a Secret only to a gateway whose ServiceAccount may list Secrets in its namespace.',
  ),
} as const

/** 3xx: what a request got on its way, seen by check, preflight and canary. */
const reach = {
  'P80-301': error(
    'no route on the gateway',
    'The gateway answers 404 itself: no virtual host or route takes the challenge.',
  ),
  'P80-302': error(
    'another route of the gateway answers',
    'An application behind the same gateway gets the requests of the CA.',
  ),
  'P80-303': error(
    'challenge is redirected',
    'The CA follows redirects, but where this one leads nobody knows the token.',
  ),
  'P80-304': error(
    'a login or filter stands in front',
    'The CA has no credentials and gets 401, 403 or a login page.',
  ),
  'P80-305': error('another server answers', 'The address belongs to a server that is not this gateway.'),
  'P80-306': error('connection refused', 'Nothing listens on port 80 at the address.'),
  'P80-307': error('no answer in time', 'A firewall drops the packets, or the address is not reachable.'),
  'P80-308': error('TLS expected on port 80', 'The CA speaks plain http on port 80.'),
  'P80-309': error(
    'AAAA leads elsewhere',
    "Let's Encrypt prefers IPv6 where a name has AAAA; that address does not lead here.",
  ),
  'P80-310': error('name does not resolve', 'The CA finds no address for the name.'),
  'P80-311': error(
    'CAA forbids the issuer',
    'The CA must refuse names whose CAA record names other CAs only.',
  ),
  'P80-312': warning(
    'only the outside leg fails from inside',
    'The public address cannot be reached from here (hairpin, split DNS); the CA may well reach it. Not judged.',
  ),
  'P80-313': error(
    'answer is altered on its way',
    'Something rewrites the body; the CA compares it byte for byte.',
  ),
  'P80-314': error(
    'PROXY protocol expected',
    'The listener wants a PROXY header and closes plain connections.',
  ),
  'P80-315': error(
    'port80 answers, but not this port80',
    'Another installation answers; it does not know the tokens of this one.',
  ),
  'P80-316': error(
    'gateway has no ready pod',
    'Nothing can answer for the host, and no certificate can be served.',
  ),
} as const

/** 4xx: what gateways serve on 443. */
const serving = {
  'P80-401': error(
    'served is not what is stored',
    'The gateway still shows another certificate than its Secret holds.',
  ),
  'P80-402': error(
    'gateway did not take the new certificate',
    'After the deadline the last good pair was put back, so that a restart of the gateway finds one that works.',
  ),
  'P80-403': warning(
    'observed certificate expires soon',
    'Nobody in port80 renews it; whoever does is late.',
  ),
  'P80-404': error('nothing is served on 443', 'The TLS handshake for the host fails at the gateway.'),
  'P80-405': warning(
    'gateway takes no connection on its https port',
    'What it serves is not known: no Gateway has a server there yet, the pods listen on another port, or the worker is kept away. Not judged.',
  ),
} as const

/** 5xx: the limits of the CA. */
const budget = {
  'P80-501': warning(
    'order waits for the limits of the CA',
    'One more order now would cross a published limit of the CA.',
  ),
  'P80-502': warning(
    'limits of the CA nearly used up',
    'What is left is kept for renewals; new certificates wait.',
  ),
} as const

export const catalogue = { ...routes, ...credentials, ...reach, ...serving, ...budget } as const

/** What cannot be judged from here: shown, and an alert to nobody (charts/port80/files/alerts.yaml). */
export const notJudged = ['P80-312', 'P80-405'] as const satisfies readonly FindingCode[]

export type FindingCode = keyof typeof catalogue

export const findingCodes = Object.keys(catalogue) as readonly FindingCode[]
