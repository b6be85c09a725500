/**
 * An Istio ingress gateway without an engine: pilot-agent with stock Envoy in a pod's namespace, and the Pod object that
 * belongs to it, whose readiness is the agent's own readiness probe. `stop` and `start` are what a container's restart is:
 * same Pod, same address, another process.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { startChild, type Child } from '../peers/child.ts'
import { installed } from '../peers/install.ts'
import { placed } from '../peers/place.ts'
import { until } from '../fixtures/until.ts'
import type { Must } from './cluster-request.ts'
import { meshRoot, type Istiod } from './istiod.ts'
import { endProcesses, execIn } from './iproute.ts'
import type { Network } from './network.ts'
import { peerPlace, type PeerPlace } from './peer-place.ts'

export interface Gateway {
  readonly namespace: string
  /** Of the Pod. */
  readonly name: string
  readonly ip: string
  /** Kills the agent and its Envoy, and says in the Pod that it is not ready. */
  stop(): Promise<void>
  /** Starts them again; resolves when the Pod is ready (which takes listeners, not certificates). */
  start(): Promise<void>
  /** One value of Envoy's counters and gauges; 0 when Envoy does not know it. */
  stat(name: string): Promise<number>
  /** What Envoy's admin interface answers to a GET (`config_dump`, `certs`, `stats`). */
  admin(path: string): Promise<string>
  /** Runs the command in the network namespace of the pod, as root, to its end. */
  run(...argv: string[]): Promise<void>
  /** All that agent and Envoy have printed, all their lives. */
  log(): string
  /** The process and the Pod, gone. */
  remove(): Promise<void>
}

export interface GatewayOptions {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly serviceAccount: string
}

/** What a gateway is started in. */
export interface GatewayWorld {
  readonly network: Network
  readonly must: Must
  readonly istiod: Pick<Istiod, 'discovery'>
  readonly directory: string
}

/** The Node of every gateway: not the runner's, which leaves the pods of other nodes alone. */
export const gatewayNode = 'bench-gateways'
const image = 'istio/proxyv2'

export async function startGateway(world: GatewayWorld, options: GatewayOptions): Promise<Gateway> {
  const { network, must } = world
  const { namespace, name } = options
  const place = await peerPlace(network, { name: `${namespace}-${name}`, directory: world.directory })
  const pods = `/api/v1/namespaces/${namespace}/pods`
  await makePod(must, options)
  let restarts = 0
  const setReady = (ready: boolean) =>
    must('PATCH', `${pods}/${name}/status`, podStatus({ ip: place.host, ready, restarts }))
  await setReady(false)
  await writeIdentity(world, options, place.directory)
  const settings = await environment(world, options, place)
  let child = await launch(place, settings)
  await setReady(true)
  const admin = async (path: string) => {
    const { path: agent } = await installed('pilot-agent')
    const { command, args } = placed(place, agent, ['request', 'GET', path])
    return (await run(command, args, { maxBuffer: 64 << 20 })).stdout
  }
  const stop = async () => {
    endProcesses(place.pod)
    await child.stop('SIGKILL')
  }
  return {
    ...{ namespace, name, ip: place.host, admin },
    async stop() {
      await stop()
      await setReady(false)
    },
    async start() {
      restarts += 1
      child = await launch(place, settings)
      await setReady(true)
    },
    async stat(stat) {
      const text = await admin(`stats?filter=${encodeURIComponent(stat)}`)
      const line = text.split('\n').find((one) => one.startsWith(`${stat}: `))
      return line === undefined ? 0 : Number(line.slice(stat.length + 2))
    },
    run: (...argv) => execIn(place.pod.name, ...argv),
    log: () => child.log(),
    async remove() {
      await stop()
      await must('DELETE', `${pods}/${name}?gracePeriodSeconds=0`)
      await place.pod.remove()
    },
  }
}

const run = promisify(execFile)

async function launch(place: PeerPlace, env: Readonly<Record<string, string>>): Promise<Child> {
  const template = join((await installed('istio-module')).path, 'tools/packaging/common/envoy_bootstrap.json')
  return startChild({
    name: 'gateway',
    ...{ directory: place.directory, cwd: place.directory, env },
    ...placed(place, (await installed('pilot-agent')).path, [
      ...['proxy', 'router', '--domain', `${env.POD_NAMESPACE}.svc.cluster.local`],
      ...['--proxyLogLevel=warning', '--proxyComponentLogLevel=misc:error', '--templateFile', template],
    ]),
    timeoutMs: 90_000,
    // The container's own readiness probe.
    ready: async () => (await fetch(`http://${place.host}:15021/healthz/ready`)).ok,
  })
}

/** What kubelet would mount: the mesh's root, a token for its CA that is bound to the Pod, and the Pod's labels. */
async function writeIdentity(world: GatewayWorld, options: GatewayOptions, directory: string): Promise<void> {
  const { must } = world
  const { namespace, name, serviceAccount, labels } = options
  const root = await until(() => meshRoot(must, namespace), Boolean, {
    what: `istiod's root in ${namespace}`,
  })
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}`
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name }
  const request = { spec: { audiences: ['istio-ca'], boundObjectRef, expirationSeconds: 43_200 } }
  const { status } = await must<{ status: { token: string } }>('POST', `${account}/token`, request)
  const put = (folder: string, file: string, text: string) => {
    mkdirSync(join(directory, folder), { recursive: true })
    writeFileSync(join(directory, folder, file), text)
  }
  put('var/run/secrets/istio', 'root-cert.pem', root)
  put('var/run/secrets/tokens', 'istio-token', status.token)
  const lines = Object.entries(labels).map(([key, value]) => `${key}="${value}"\n`)
  put('etc/istio/pod', 'labels', lines.join(''))
  put('etc/istio/pod', 'annotations', '')
}

async function environment(
  { istiod }: GatewayWorld,
  options: GatewayOptions,
  { host, directory }: PeerPlace,
): Promise<Record<string, string>> {
  const proxy = {
    discoveryAddress: istiod.discovery,
    binaryPath: (await installed('envoy')).path,
    configPath: join(directory, 'etc/istio/proxy'),
    concurrency: 1,
    terminationDrainDuration: '1s',
    // Every figure: Istio's own choice leaves out those of requests.
    proxyStatsMatcher: { inclusionRegexps: ['.*'] },
  }
  return {
    ...{ POD_NAME: options.name, POD_NAMESPACE: options.namespace, INSTANCE_IP: host, HOST_IP: host },
    ...{ SERVICE_ACCOUNT: options.serviceAccount, NODE_NAME: gatewayNode },
    ...{ CA_ADDR: istiod.discovery, JWT_POLICY: 'third-party-jwt', PILOT_CERT_PROVIDER: 'istiod' },
    ...{ TRUST_DOMAIN: 'cluster.local', ISTIO_META_CLUSTER_ID: 'Kubernetes' },
    ...{ PROXY_CONFIG: JSON.stringify(proxy) },
  }
}

async function makePod(
  must: Must,
  { namespace, name, labels, serviceAccount }: GatewayOptions,
): Promise<void> {
  const ports = [80, 443, 15021, 15090].map((containerPort) => ({ containerPort }))
  await must('POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name, labels },
    spec: {
      ...{ nodeName: gatewayNode, serviceAccountName: serviceAccount, automountServiceAccountToken: false },
      containers: [{ name: 'istio-proxy', image, ports }],
    },
  })
}

interface Observed {
  readonly ip: string
  readonly ready: boolean
  readonly restarts: number
}

function podStatus({ ip, ready, restarts }: Observed): object {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const conditions = ['Initialized', 'PodScheduled', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: ready || type === 'Initialized' || type === 'PodScheduled' ? 'True' : 'False',
    lastTransitionTime: now,
  }))
  const container = {
    ...{ name: 'istio-proxy', image, imageID: '', restartCount: restarts, ready, started: ready },
    state: ready ? { running: { startedAt: now } } : { waiting: { reason: 'Starting' } },
  }
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP: ip, startTime: now }
  return { status: { ...status, conditions, containerStatuses: [container] } }
}
