/**
 * The parts of Istio's objects that decide who answers on port 80 and 443. Pure.
 * https://istio.io/latest/docs/reference/config/networking/ and /security/
 */
import { z } from 'zod'
import { flag, labels, list, maybe, portNumber, text, textOr } from './lenient.ts'

const server = z.object({
  name: text,
  port: maybe(z.object({ number: portNumber, name: text, protocol: text })),
  hosts: list(z.string()),
  tls: maybe(
    z.object({
      /** Left out it is PASSTHROUGH, the enum's zero. */
      mode: textOr('PASSTHROUGH'),
      credentialName: text,
      credentialNames: list(z.string()),
      caCertCredentialName: text,
      httpsRedirect: flag,
      serverCertificate: text,
    }),
  ),
})
export type IstioServer = z.output<typeof server>

/** Hosts may be written `namespace/host`; an empty selector is every pod of the mesh. */
export const istioGatewaySpec = z.object({ selector: labels, servers: list(server) })

/** Exactly one of the three in a valid object; `{}` matches whatever has a value. */
const stringMatch = z.object({
  exact: z.string().optional(),
  prefix: z.string().optional(),
  regex: z.string().optional(),
})
export type StringMatch = z.output<typeof stringMatch>

const stringMatches = z
  .record(z.string(), stringMatch)
  .nullish()
  .transform((value): Readonly<Record<string, StringMatch>> => value ?? {})

const httpMatch = z.object({
  name: text,
  uri: maybe(stringMatch),
  ignoreUriCase: flag,
  scheme: maybe(stringMatch),
  method: maybe(stringMatch),
  authority: maybe(stringMatch),
  headers: stringMatches,
  withoutHeaders: stringMatches,
  queryParams: stringMatches,
  sourceLabels: labels,
  sourceNamespace: text,
  gateways: list(z.string()),
  /** 0: every port. */
  port: portNumber,
})
export type HttpMatch = z.output<typeof httpMatch>

const destination = z.object({
  host: text,
  subset: text,
  port: maybe(z.object({ number: portNumber })),
})

const httpRoute = z.object({
  name: text,
  /** Empty: every request. One of them is enough. */
  match: list(httpMatch),
  route: list(z.object({ destination: maybe(destination) })),
  redirect: maybe(
    z.object({ scheme: text, uri: text, authority: text, redirectCode: portNumber, port: portNumber }),
  ),
  directResponse: maybe(z.object({ status: portNumber })),
  delegate: maybe(z.object({ name: text, namespace: text })),
})
export type IstioHttpRoute = z.output<typeof httpRoute>

/** Without `gateways` it is of the sidecars (`mesh`) alone. */
export const virtualServiceSpec = z.object({
  hosts: list(z.string()),
  gateways: list(z.string()),
  exportTo: list(z.string()),
  http: list(httpRoute),
})

const selector = maybe(z.object({ matchLabels: labels }))
/** `targetRefs` and the older single one. */
const targetRef = z.object({ group: text, kind: text, name: text, namespace: text })
const targets = { selector, targetRef: maybe(targetRef), targetRefs: list(targetRef) }
export type TargetRef = z.output<typeof targetRef>

const words = list(z.string())
const source = z.object({
  principals: words,
  notPrincipals: words,
  requestPrincipals: words,
  notRequestPrincipals: words,
  namespaces: words,
  notNamespaces: words,
  ipBlocks: words,
  notIpBlocks: words,
  remoteIpBlocks: words,
  notRemoteIpBlocks: words,
  serviceAccounts: words,
  notServiceAccounts: words,
})
const operation = z.object({
  hosts: words,
  notHosts: words,
  ports: words,
  notPorts: words,
  methods: words,
  notMethods: words,
  paths: words,
  notPaths: words,
})

/** Without rules ALLOW matches nothing (all is denied); a rule without members matches everything. */
export const authorizationPolicySpec = z.object({
  ...targets,
  action: textOr('ALLOW'),
  provider: maybe(z.object({ name: text })),
  rules: list(
    z.object({
      from: list(z.object({ source: maybe(source) })),
      to: list(z.object({ operation: maybe(operation) })),
      when: list(z.object({ key: text, values: words, notValues: words })),
    }),
  ),
})

export const requestAuthenticationSpec = z.object({
  ...targets,
  jwtRules: list(z.object({ issuer: text })),
})

export const peerAuthenticationSpec = z.object({
  selector,
  mtls: maybe(z.object({ mode: textOr('UNSET') })),
  /** Port of the workload → mode. */
  portLevelMtls: z
    .record(z.string(), z.object({ mode: textOr('UNSET') }))
    .nullish()
    .transform((value): Readonly<Record<string, { mode: string }>> => value ?? {}),
})

export const sidecarSpec = z.object({
  workloadSelector: maybe(z.object({ labels })),
  /** `namespace/host`; empty: everything that is exported to the namespace. */
  egress: list(z.object({ hosts: list(z.string()) })),
})

export const destinationRuleSpec = z.object({
  host: text,
  exportTo: list(z.string()),
  trafficPolicy: maybe(z.object({ tls: maybe(z.object({ mode: text })) })),
})

export const envoyFilterSpec = z.object({
  workloadSelector: maybe(z.object({ labels })),
  configPatches: list(
    z.object({
      applyTo: text,
      match: maybe(z.object({ context: text })),
      /** As written, for names of filters in it. */
      patch: maybe(z.object({ operation: text, value: z.unknown().optional() })),
    }),
  ),
})
