/**
 * The process runner: scheduler, kubelet, kube-proxy and cluster DNS of the bench, for one node that is this machine. Pods
 * are real Pods of a real API server and its controllers; a container is a process in namespaces of its own, and what
 * stands behind an image name is told by `images`. Nothing it starts outlives this process. Takes root.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { isAlive } from '../../../fixtures/is-alive.ts'
import type { Network, PodNetwork } from '../network.ts'
import { ApiError, openApi, type Api, type ApiObject, type ClusterAccess } from './api.ts'
import type { ExecResult } from './container-process.ts'
import type { BackOff } from './container.ts'
import { startResolver } from './dns.ts'
import { serviceLinks } from './environment.ts'
import type { Images } from './images.ts'
import { registerNode } from './node-object.ts'
import { startNodeServer } from './node-server.ts'
import { runPod, type Node, type PodRun } from './pod.ts'
import { serviceNames, serviceViews } from './services.ts'
import { followCluster } from './store.ts'
import { translator } from './translator.ts'

export interface RunnerOptions {
  readonly network: Network
  /** An administrator's. */
  readonly access: ClusterAccess
  readonly images: Images
  /** What pods take for the API server (KUBERNETES_SERVICE_HOST and _PORT); 6443 at the network's `0.1` unless given. */
  readonly apiServer?: { readonly host: string; readonly port: number }
  /** Of the Node; `bench` unless given. Pods that are bound to another one are left alone. */
  readonly nodeName?: string
  readonly clusterDomain?: string
  /** Names beside those of Services, for every pod; asked anew for each query. */
  readonly names?: (name: string) => readonly string[] | undefined
  /** Kubelet's 10 s to 5 min unless given. */
  readonly backOff?: BackOff
}

export interface PodName {
  readonly namespace: string
  readonly name: string
}

export interface Runner {
  readonly nodeName: string
  /** IPv4 address at which the resolver of the pods listens, for programs outside of pods. */
  readonly resolver: string
  /** Pods that this runner has now; newest last. */
  pods(): readonly V1Pod[]
  /** The pod's network; undefined before it has one. */
  network(pod: PodName): PodNetwork | undefined
  /** To every process of the container (the first unless named); the kubelet's part then goes on as it would. */
  kill(pod: PodName, signal: NodeJS.Signals, container?: string): void
  /** Runs a command in the container, as `kubectl exec` does. */
  exec(pod: PodName, argv: readonly string[], container?: string): Promise<ExecResult>
  /** Everything that the containers of that name have printed, all their lives, also after the pod's end. */
  log(pod: PodName, container?: string): string
  /** Ends every pod at once, and removes the Node and all files. */
  close(): Promise<void>
}

const refreshMs = 10_000
/** In the name of the run's folder, for the next start to find what a killed process has left. */
const folderPrefix = 'port80-runner-'

export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const { network, images, nodeName = 'bench', clusterDomain = 'cluster.local' } = options
  sweep()
  const directory = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`))
  const api = openApi(options.access)
  const runs = new Map<string, PodRun>()
  // The machine's own leg in the network: probes come from there, as they come from the node in a cluster.
  const hostIP = network.address('255.254')
  const translate = translator(network)
  let names: ReadonlyMap<string, readonly string[]> = new Map()
  const view = followCluster(api, {
    configChanged: (namespace) => refresh((pod) => pod.metadata?.namespace === namespace),
    servicesChanged() {
      const views = serviceViews(view.services(), view.slices())
      names = serviceNames(views, clusterDomain)
      translate.set(views)
    },
  })
  const refresh = (wanted: (pod: V1Pod) => boolean) => {
    for (const run of runs.values()) if (wanted(run.object())) run.refresh()
  }
  const resolver = await startResolver(hostIP, (name) => names.get(name) ?? options.names?.(name))
  const { host, port } = options.apiServer ?? { host: network.address('0.1'), port: 6443 }
  const node: Node = {
    ...{ network, api, images, hostIP, clusterDomain, resolver: hostIP },
    backOff: options.backOff ?? { initialMs: 10_000, maxMs: 300_000 },
    logs: ({ metadata }) => join(directory, 'logs', `${metadata?.namespace}_${metadata?.name}`),
    sources: (namespace) => view.sources(namespace),
    clusterEnv: ({ metadata, spec }) => ({
      ...(spec?.enableServiceLinks !== false &&
        serviceLinks(view.services().filter((one) => one.metadata?.namespace === metadata?.namespace))),
      ...{ KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: String(port) },
    }),
  }
  const log = (pod: PodName, container?: string): string => {
    const folder = join(directory, 'logs', `${pod.namespace}_${pod.name}`)
    const files = readdirSync(folder).filter((file) => container === undefined || lifeOf(file) === container)
    return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('')
  }
  const server = await startNodeServer(hostIP, join(directory, 'node'), (of) => log(of, of.container))
  const registered = await registerNode(api, nodeName, hostIP)
  mkdirSync(join(directory, 'pods'))
  api.follow<V1Pod & ApiObject>('/api/v1/pods', (pod, gone) => {
    const uid = pod.metadata?.uid ?? ''
    const run = runs.get(uid)
    if (gone) {
      runs.delete(uid)
      void run?.abandon()
    } else if (run) run.update(pod)
    else if (pod.spec?.nodeName === nodeName) {
      const own = runPod(pod, join(directory, 'pods', uid), node)
      runs.set(uid, own)
      own.update(pod)
    } else if (isUnbound(pod)) void bindPod(api, pod, nodeName)
  })
  const refreshing = setInterval(() => refresh(() => true), refreshMs)
  const find = (wanted: PodName): PodRun => {
    const found = [...runs.values()].findLast((run) => isNamed(run.object(), wanted))
    if (!found) throw new Error(`no pod ${wanted.namespace}/${wanted.name} on this node`)
    return found
  }
  return {
    ...{ nodeName, resolver: hostIP, log },
    pods: () => [...runs.values()].map((run) => run.object()),
    network: (pod) => find(pod).network(),
    kill: (pod, signal, container) => find(pod).container(container)?.kill(signal),
    async exec(pod, argv, container) {
      const found = find(pod).container(container)
      return found?.exec(argv) ?? { code: 127, stdout: '', stderr: 'no such container yet' }
    },
    async close() {
      clearInterval(refreshing)
      await registered.remove()
      api.close()
      await Promise.all([...runs.values()].map((run) => run.abandon()))
      await Promise.all([resolver.close(), server.close(), translate.close()])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function isUnbound({ metadata, spec }: V1Pod): boolean {
  return !spec?.nodeName && metadata?.deletionTimestamp === undefined
}

/** The scheduler's part: there is one node, and it takes everything. */
async function bindPod(api: Api, { metadata }: V1Pod, nodeName: string): Promise<void> {
  const { namespace = '', name = '', uid = '' } = metadata ?? {}
  const target = { apiVersion: 'v1', kind: 'Node', name: nodeName }
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target }
  for (let tries = 0; tries < 10; tries += 1) {
    try {
      await api.ask('POST', `/api/v1/namespaces/${namespace}/pods/${name}/binding`, binding)
      return
    } catch (error) {
      // It was deleted, or somebody else has bound it.
      if (error instanceof ApiError && [404, 409].includes(error.status)) return
      await pause(500)
    }
  }
}

function isNamed({ metadata }: V1Pod, { namespace, name }: PodName): boolean {
  return metadata?.name === name && metadata.namespace === namespace
}

/** `NAME-3.log` → `NAME`. */
function lifeOf(file: string): string {
  return file.replace(/-\d+\.log$/, '')
}

/** Folders of processes that are gone; their containers died with them, and their mounts with those. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}
