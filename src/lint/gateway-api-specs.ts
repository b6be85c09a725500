/**
 * The parts of the Gateway API's objects that decide who answers on port 80 and 443. Pure.
 * https://gateway-api.sigs.k8s.io/reference/spec/
 */
import { z } from 'zod'
import { labels, list, maybe, portNumber, text, textOr } from './lenient.ts'

const secretReference = z.object({ group: text, kind: textOr('Secret'), name: text, namespace: text })

const namespaceSelector = maybe(z.object({ matchLabels: labels, matchExpressions: list(z.unknown()) }))

const listener = z.object({
  name: text,
  /** Empty: every host. */
  hostname: text,
  port: portNumber,
  protocol: text,
  tls: maybe(z.object({ mode: textOr('Terminate'), certificateRefs: list(secretReference) })),
  allowedRoutes: maybe(
    z.object({ namespaces: maybe(z.object({ from: textOr('Same'), selector: namespaceSelector })) }),
  ),
})
export type Listener = z.output<typeof listener>

export const apiGatewaySpec = z.object({
  gatewayClassName: text,
  listeners: list(listener),
  infrastructure: maybe(z.object({ labels })),
})

const parentRef = z.object({
  group: textOr('gateway.networking.k8s.io'),
  kind: textOr('Gateway'),
  name: text,
  /** Empty: that of the route. */
  namespace: text,
  sectionName: text,
  port: portNumber,
})
export type ParentRef = z.output<typeof parentRef>

const nameValue = z.object({ type: textOr('Exact'), name: text, value: text })
const routeMatch = z.object({
  path: maybe(z.object({ type: textOr('PathPrefix'), value: textOr('/') })),
  headers: list(nameValue),
  queryParams: list(nameValue),
  method: text,
})
export type RouteMatch = z.output<typeof routeMatch>

const filter = z.object({
  type: text,
  requestRedirect: maybe(
    z.object({
      scheme: text,
      hostname: text,
      port: portNumber,
      statusCode: portNumber,
      path: z.unknown().optional(),
    }),
  ),
})

const backendRef = z.object({
  group: text,
  kind: textOr('Service'),
  name: text,
  namespace: text,
  port: portNumber,
})
export type BackendRef = z.output<typeof backendRef>

const rule = z.object({
  name: text,
  /** Empty: every path. */
  matches: list(routeMatch),
  filters: list(filter),
  backendRefs: list(backendRef),
})
export type RouteRule = z.output<typeof rule>

export const httpRouteSpec = z.object({
  parentRefs: list(parentRef),
  hostnames: list(z.string()),
  rules: list(rule),
})

export const referenceGrantSpec = z.object({
  from: list(z.object({ group: text, kind: text, namespace: text })),
  to: list(z.object({ group: text, kind: text, name: text })),
})
