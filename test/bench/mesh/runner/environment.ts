/** The environment and the command line of a container, as kubelet makes them. Pure. */
import type {
  V1Container,
  V1EnvFromSource,
  V1EnvVar,
  V1Pod,
  V1Service,
  V1ServicePort,
} from '@kubernetes/client-node'

/** The data of ConfigMaps and Secrets in the pod's namespace; undefined: there is no such object. */
export interface Sources {
  configMap(name: string): Readonly<Record<string, Buffer>> | undefined
  secret(name: string): Readonly<Record<string, Buffer>> | undefined
}

/** What is only known once the pod has its network. */
export interface Placed {
  readonly podIP: string
  readonly hostIP: string
}

/** Something that the spec names is not there (yet): kubelet waits for it. */
export class Missing extends Error {
  override readonly name = 'Missing'
}

export interface EnvironmentOf {
  readonly pod: V1Pod
  readonly container: V1Container
  readonly placed: Placed
  readonly sources: Sources
  /** From the image, and the links to Services; the container's own win. */
  readonly base: Readonly<Record<string, string>>
}

/** Throws Missing. */
export function environment(of: EnvironmentOf): Record<string, string> {
  const result: Record<string, string> = { ...of.base }
  for (const source of of.container.envFrom ?? []) Object.assign(result, allOf(source, of.sources))
  for (const variable of of.container.env ?? []) {
    const value = valueOf(variable, of, result)
    if (value !== undefined) result[variable.name] = value
  }
  return result
}

function allOf({ prefix = '', configMapRef, secretRef }: V1EnvFromSource, sources: Sources) {
  const data = referred(configMapRef, secretRef, sources)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [prefix + key, value.toString()]))
}

type Reference = { readonly name?: string; readonly optional?: boolean } | undefined

/** The data of the one that is given; nothing when it may be missing and is. */
function referred(
  configMap: Reference,
  secret: Reference,
  sources: Sources,
): Readonly<Record<string, Buffer>> {
  const { name = '', optional = false } = configMap ?? secret ?? {}
  const data = configMap ? sources.configMap(name) : sources.secret(name)
  if (!data && !optional) throw new Missing(`"${name}" not found`)
  return data ?? {}
}

function valueOf(
  { value = '', valueFrom }: V1EnvVar,
  { pod, placed, sources }: EnvironmentOf,
  known: Readonly<Record<string, string>>,
): string | undefined {
  if (!valueFrom) return expanded(value, known)
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
  if (fieldRef) return fieldOf(pod, placed, fieldRef.fieldPath)
  if (resourceFieldRef) return resourceOf(resourceFieldRef.resource)
  const { key = '', optional = false } = configMapKeyRef ?? secretKeyRef ?? {}
  const found = referred(configMapKeyRef, secretKeyRef, sources)[key]
  if (!found && !optional) throw new Missing(`there is no key "${key}"`)
  return found?.toString()
}

/** Nothing is limited here: a machine of two processors and 4 GiB, for whoever asks. */
export function resourceOf(resource: string): string {
  return resource.endsWith('.cpu') ? '2' : String(4 * 1024 ** 3)
}

/** Downward API (https://kubernetes.io/docs/concepts/workloads/pods/downward-api/). */
export function fieldOf({ metadata = {}, spec }: V1Pod, placed: Placed, fieldPath: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath)
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''] ?? ''
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': lines(metadata.labels),
    'metadata.annotations': lines(metadata.annotations),
    'spec.nodeName': spec?.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName,
    'status.podIP': placed.podIP,
    'status.podIPs': placed.podIP,
    'status.hostIP': placed.hostIP,
    'status.hostIPs': placed.hostIP,
  }
  if (!(fieldPath in fields)) throw new Missing(`unsupported field ${fieldPath}`)
  return fields[fieldPath] ?? ''
}

function lines(map: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(map ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n')
}

/** `$(NAME)` for what is known, `$$` for a dollar; what is not known stays as it stands. */
export function expanded(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_.-][\w.-]*)\)/g, (all, name: string | undefined) =>
    name === undefined ? '$' : (known[name] ?? all),
  )
}

/** `command` replaces ENTRYPOINT and CMD, `args` replaces CMD. */
export function commandLine(
  container: V1Container,
  image: { readonly entrypoint: readonly string[]; readonly cmd?: readonly string[] },
  env: Readonly<Record<string, string>>,
): string[] {
  const own = (container.command ?? []).length > 0
  const head = own ? (container.command ?? []) : image.entrypoint
  const rest = container.args ?? (own ? [] : (image.cmd ?? []))
  return [...head, ...rest].map((word) => expanded(word, env))
}

/** The variables that tell about every Service of the namespace (enableServiceLinks), a trap for programs of that name. */
export function serviceLinks(services: readonly V1Service[]): Record<string, string> {
  const named = services.filter(({ spec }) => spec?.clusterIP && spec.clusterIP !== 'None')
  return Object.assign({}, ...named.map(linksOf)) as Record<string, string>
}

function linksOf({ metadata, spec }: V1Service): Record<string, string> {
  const name = variable(metadata?.name)
  const ip = spec?.clusterIP ?? ''
  const ports = spec?.ports ?? []
  const first = ports[0]
  return Object.assign(
    { [`${name}_SERVICE_HOST`]: ip },
    first && { [`${name}_SERVICE_PORT`]: String(first.port), [`${name}_PORT`]: portUrl(ip, first) },
    ...ports.map((port) => portLinks(name, ip, port)),
  ) as Record<string, string>
}

function portLinks(name: string, ip: string, one: V1ServicePort): Record<string, string> {
  const { port, protocol = 'TCP', name: portName } = one
  const link = `${name}_PORT_${port}_${protocol}`
  return {
    ...(portName && { [`${name}_SERVICE_PORT_${variable(portName)}`]: String(port) }),
    [link]: portUrl(ip, one),
    [`${link}_PROTO`]: protocol.toLowerCase(),
    [`${link}_PORT`]: String(port),
    [`${link}_ADDR`]: ip,
  }
}

const portUrl = (ip: string, { port, protocol = 'TCP' }: V1ServicePort) =>
  `${protocol.toLowerCase()}://${ip}:${port}`

const variable = (name = '') => name.toUpperCase().replaceAll('-', '_')
