/** Command lines that mend an object, for sh. Pure. Names come from files too, so that each word is quoted where sh would read more into it. */
import type { Ref } from './objects.ts'

/** One operation of RFC 6902. */
export type JsonPatch =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** As kubectl names them without a doubt: `gateway` alone can mean either kind. */
const resources = {
  Gateway: 'gateways.networking.istio.io',
  VirtualService: 'virtualservices.networking.istio.io',
  DestinationRule: 'destinationrules.networking.istio.io',
  AuthorizationPolicy: 'authorizationpolicies.security.istio.io',
  RequestAuthentication: 'requestauthentications.security.istio.io',
  Service: 'service',
  Secret: 'secret',
  ApiGateway: 'gateways.gateway.networking.k8s.io',
  HTTPRoute: 'httproutes.gateway.networking.k8s.io',
} as const
export type IstioKind = keyof typeof resources

/** A word for sh, bare where nothing in it has a meaning. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** `kubectl -n shop VERB gateways.networking.istio.io web MORE…` */
export function kubectl(
  { namespace, name }: Pick<Ref, 'namespace' | 'name'>,
  kind: IstioKind,
  verb: string,
  ...more: readonly string[]
): string {
  return ['kubectl', '-n', word(namespace), verb, resources[kind], word(name), ...more].join(' ')
}

export function patched(ref: Ref, kind: IstioKind, operations: readonly JsonPatch[]): string {
  return kubectl(ref, kind, 'patch', '--type', 'json', '-p', word(JSON.stringify(operations)))
}

/** Also where `spec` itself is not there yet. */
export function merged(ref: Ref, kind: IstioKind, value: unknown): string {
  return kubectl(ref, kind, 'patch', '--type', 'merge', '-p', word(JSON.stringify(value)))
}

/** Makes an object, or brings it to that state. */
export function applied(object: unknown): string {
  return `echo ${word(JSON.stringify(object))} | kubectl apply -f -`
}

/** The consent that a Secret may be written by port80, whoever owns it. */
export function adopting(ref: Pick<Ref, 'namespace' | 'name'>): string {
  return kubectl(ref, 'Secret', 'annotate', 'port80.io/adopt=true', '--overwrite')
}
