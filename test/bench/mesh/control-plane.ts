/**
 * The cluster: etcd, kube-apiserver, kube-controller-manager and istiod, with the custom resources of Istio and Gateway
 * API. Deployments, EndpointSlices, garbage collection and the end of namespaces are the real controllers' doing. Pods are
 * run by nobody here: that is the runner's part.
 */
import { request } from 'node:https'
import { join } from 'node:path'
import { startChild, type Child } from '../peers/child.ts'
import { startEtcd, type Etcd } from '../peers/etcd.ts'
import { installed } from '../peers/install.ts'
import { startKubeApiserver, type KubeApiserver } from '../peers/kube-apiserver.ts'
import { placed } from '../peers/place.ts'
import { mustOf, type Must } from './cluster-request.ts'
import { installCustomResources } from './custom-resources.ts'
import { gatewayNode } from './gateway.ts'
import { installInjection } from './injection.ts'
import { installValidation, startIstiod, type Istiod, type IstiodOptions } from './istiod.ts'
import type { Network } from './network.ts'
import { peerPlace, type PeerPlace } from './peer-place.ts'

export interface ControlPlane {
  readonly etcd: Etcd
  /** Another one after `startApi`. */
  api(): KubeApiserver
  readonly must: Must
  /** Of an administrator; works for every process that reaches the network. */
  readonly kubeconfig: string
  readonly controllerManager: Child
  readonly istiod: Istiod
  /** Ends the API server; etcd and all that is in it stay. */
  stopApi(): Promise<void>
  /** At the same address, with the same data and these further flags. */
  startApi(flags?: readonly string[]): Promise<void>
  /** Ends everything, without haste: the network's end does the same at once. */
  close(): Promise<void>
}

export interface ControlPlaneOptions {
  readonly directory: string
  readonly flags?: readonly string[]
  readonly meshConfig?: IstiodOptions['meshConfig']
}

const namespaces = ['istio-system', 'port80']

export async function startControlPlane(
  network: Network,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { directory } = options
  const server = await peerPlace(network, { name: 'apiserver', directory, end: '0.1' })
  const istio = await peerPlace(network, { name: 'istiod', directory, end: '0.2' })
  const etcd = await startEtcd(server.directory, server)
  const start = (port?: number, flags: readonly string[] = []) =>
    startKubeApiserver(server.directory, {
      ...{ etcdUrl: etcd.url, place: server, flags: [...(options.flags ?? []), ...flags] },
      ...(port !== undefined && { port }),
    })
  let api = await start()
  const must = mustOf(() => api)
  const { kubeconfig } = api
  const [controllerManager] = await Promise.all([
    startControllerManager(server, kubeconfig),
    installCustomResources(must),
    installValidation(must, istio.host),
    makeNode(must),
    ...namespaces.map((name) => must('POST', '/api/v1/namespaces', { metadata: { name } })),
  ])
  // It goes into a namespace that has just been made.
  await installInjection(must, istio.host)
  const { meshConfig } = options
  const istiod = await startIstiod(istio, { kubeconfig, ...(meshConfig && { meshConfig }) })
  return {
    ...{ etcd, must, kubeconfig, controllerManager, istiod },
    api: () => api,
    stopApi: () => api.stop(),
    async startApi(flags) {
      await api.stop()
      api = await start(api.port, flags)
    },
    async close() {
      for (const child of [istiod, controllerManager, api, etcd]) await child.stop()
    },
  }
}

/** The gateways': without it their Pods would be taken for orphans and removed. */
async function makeNode(must: Must): Promise<void> {
  await must('POST', '/api/v1/nodes', { metadata: { name: gatewayNode } })
  const ready = { type: 'Ready', status: 'True', reason: 'Bench', message: 'judged by nobody' }
  await must('PATCH', `/api/v1/nodes/${gatewayNode}/status`, { status: { conditions: [ready] } })
}

/**
 * The controllers of a cluster but those that judge nodes by their heartbeat: a bench's node is as alive as the bench is,
 * and a machine that is busy for a minute must not evict every pod.
 */
async function startControllerManager(place: PeerPlace, kubeconfig: string): Promise<Child> {
  const { host, directory } = place
  const file = (name: string) => join(directory, name)
  return startChild({
    name: 'kube-controller-manager',
    directory,
    ...placed(place, (await installed('kube-controller-manager')).path, [
      ...[`--kubeconfig=${kubeconfig}`, '--leader-elect=false'],
      ...[`--bind-address=${host}`, '--secure-port=10257', `--cert-dir=${file('controller-manager')}`],
      ...[
        `--service-account-private-key-file=${file('service-account.key')}`,
        `--root-ca-file=${file('root.pem')}`,
      ],
      '--controllers=*,-node-lifecycle-controller,-taint-eviction-controller',
      // Tests scale and roll often: twenty requests a second are a big cluster's manners.
      ...['--kube-api-qps=200', '--kube-api-burst=400'],
    ]),
    timeoutMs: 60_000,
    ready: async () => (await health(host)) === 200,
  })
}

/** Its certificate is one that it made itself a moment ago, so that nobody can know it. */
function health(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host, port: 10257, path: '/healthz', rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .once('error', reject)
      .end()
  })
}
