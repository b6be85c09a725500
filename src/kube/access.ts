/**
 * Who we are to the API server, and where it is: from the files that kubelet mounts into a pod, or from a kubeconfig.
 *
 * Inside a cluster three small files are read here. The token among them is replaced about once an hour, so it is read
 * again every minute, and at once when it was refused. A kubeconfig goes through the KubeConfig of @kubernetes/client-node,
 * which knows exec plugins, OIDC and proxies; it is loaded only then (it costs half a second and 84 MB).
 */
import { readFile } from 'node:fs/promises'
import { Agent, type RequestOptions } from 'node:https'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Credentials } from './exchange.ts'
import { isInPod } from './in-pod.ts'

export interface Access {
  /** Namespace of the pod, or of the kubeconfig's context. */
  readonly namespace: string
  /** For logs: `the service account of this pod`, `context kind of the kubeconfig`. */
  readonly description: string
  /** Remembered for a minute. Throws AccessFault. */
  credentials(): Promise<Credentials>
  /** They were refused: the next call reads them again. */
  forget(): void
}

/** No credentials are to be had. The message is ours and holds nothing of the files. */
export class AccessFault extends Error {
  override readonly name = 'AccessFault'
}

const readAgainAfterMs = 60_000
/** A socket unused for longer is closed by us, before the server closes it under a request (90 s). */
const idleSocketMs = 30_000
/** At the same time to one API server; more wait. Watches hold one each. */
const sockets = 64

export interface AccessOptions {
  /** A kubeconfig file. Left out: the pod's own files if there are any, otherwise what kubectl would take. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Where kubelet mounts the service account. */
  readonly serviceAccount?: string
}

const mountedServiceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Throws AccessFault when neither is there. */
export async function openAccess(options: AccessOptions = {}): Promise<Access> {
  const environment = options.environment ?? process.env
  if (isInPod(environment) && options.kubeconfig === undefined && options.context === undefined)
    return podAccess(options)
  return kubeconfigAccess(options)
}

async function podAccess(options: AccessOptions): Promise<Access> {
  const folder = options.serviceAccount ?? mountedServiceAccount
  const environment = options.environment ?? process.env
  const host = environment.KUBERNETES_SERVICE_HOST ?? ''
  const server = new URL(`https://${isIPv6(host) ? `[${host}]` : host}`)
  server.port = environment.KUBERNETES_SERVICE_PORT ?? '443'
  const agents = agentMemory()
  const read = async (): Promise<Credentials> => {
    const [token, ca] = await Promise.all([mounted(folder, 'token'), mounted(folder, 'ca.crt')])
    return {
      server,
      agent: agents({ ca }),
      headers: { authorization: `Bearer ${token.trim()}` },
    }
  }
  return {
    namespace: (await mounted(folder, 'namespace')).trim(),
    description: 'the service account of this pod',
    ...remembered(read),
  }
}

async function mounted(folder: string, name: string): Promise<string> {
  const path = join(folder, name)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new AccessFault(`${path} cannot be read (${code ?? 'unknown error'})`)
  }
}

async function kubeconfigAccess(options: AccessOptions): Promise<Access> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(options.kubeconfig)
  } catch {
    // The parser's message quotes the lines around the fault, and a token may stand there.
    throw new AccessFault(`${options.kubeconfig ?? 'the kubeconfig'} cannot be read or is no kubeconfig`)
  }
  if (options.context !== undefined) config.setCurrentContext(options.context)
  const context = config.getCurrentContext()
  const cluster = config.getCurrentCluster()
  if (!cluster || !URL.canParse(cluster.server))
    throw new AccessFault(`the kubeconfig has no cluster for the context ${context || '(none)'}`)
  const server = new URL(cluster.server)
  const agents = agentMemory()
  const read = async (): Promise<Credentials> => {
    const found: RequestOptions = {}
    try {
      await config.applyToHTTPSOptions(found)
    } catch {
      throw new AccessFault(`the credentials of the context ${context} are not to be had`)
    }
    const { ca, cert, key, servername, rejectUnauthorized, auth } = found
    const own = server.protocol === 'https:' && cluster.proxyUrl === undefined
    const agent = own ? agents({ ca, cert, key, servername, rejectUnauthorized }) : found.agent
    if (agent === undefined || typeof agent === 'boolean') throw new AccessFault('no way to the API server')
    const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
    return { server, agent, headers: { ...basic, ...headersOf(found.headers) } }
  }
  return {
    namespace: config.getContextObject(context)?.namespace ?? 'default',
    description: `context ${context} of the kubeconfig`,
    ...remembered(read),
  }
}

function headersOf(headers: object | undefined): Record<string, string> {
  const entries = Object.entries(headers ?? {}) as [string, unknown][]
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** What `read` gave, for a minute. What cannot be read again goes on with what was read before. */
function remembered(read: () => Promise<Credentials>): Pick<Access, 'credentials' | 'forget'> {
  let known: Credentials | undefined
  let readAt = -Infinity
  let reading: Promise<Credentials> | undefined
  const readAgain = async (): Promise<Credentials> => {
    try {
      known = await read()
      readAt = performance.now()
      return known
    } catch (error) {
      if (known) return known
      throw error
    } finally {
      reading = undefined
    }
  }
  return {
    async credentials() {
      if (known && performance.now() - readAt < readAgainAfterMs) return known
      return (reading ??= readAgain())
    },
    forget: () => void (readAt = -Infinity),
  }
}

type Tls = ConstructorParameters<typeof Agent>[0]

/** One agent for each set of TLS options, so that sockets are reused; a new CA or client certificate makes a new one. */
function agentMemory(): (tls: {
  [Name in keyof NonNullable<Tls>]?: NonNullable<Tls>[Name] | undefined
}) => Agent {
  let last: { id: string; agent: Agent } | undefined
  return (tls) => {
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined))
    const id = JSON.stringify(given)
    if (last?.id === id) return last.agent
    // The old one is left to its requests; its idle sockets end by their time-out.
    const agent = new Agent({ ...given, keepAlive: true, timeout: idleSocketMs, maxSockets: sockets })
    last = { id, agent }
    return agent
  }
}
