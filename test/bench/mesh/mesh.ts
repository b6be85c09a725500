/**
 * The mesh of a test file: a control plane, gateway pods, and a CA that validates through them. With PORT80_MESH (a file
 * that `shareControlPlane` wrote) the control plane is one that is running already, which saves most of the time; gateways
 * and CA are the file's own all the same, so files that share a control plane run one after the other.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { tail } from '../peers/child.ts'
import { asker, type KubeApiserver } from '../peers/kube-apiserver.ts'
import { startPebble, type Pebble, type PebbleOptions } from '../peers/pebble.ts'
import { mustOf, type Must } from './cluster-request.ts'
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from './control-plane.ts'
import type { GatewayWorld } from './gateway.ts'
import { startGateways, type Gateways, type GatewaysOptions } from './gateways.ts'
import type { Istiod } from './istiod.ts'
import { meshDirectory } from './mesh-directory.ts'
import { joinNetwork, openNetwork, resolverEnd, type Network } from './network.ts'
import { peerPlace } from './peer-place.ts'

/** What a client of the API server needs; a kubeconfig for programs. */
export type ApiAccess = Pick<KubeApiserver, 'ask' | 'url' | 'caFile' | 'adminToken' | 'kubeconfig'>

export interface Mesh {
  readonly network: Network
  /** Of this mesh's files and logs; gone with it. */
  readonly directory: string
  api(): ApiAccess
  readonly must: Must
  readonly istiod: Pick<Istiod, 'ip' | 'discovery' | 'log'>
  readonly gateways: Gateways
  /** Validates on port 80 of whatever its resolver answers. */
  readonly pebble: Pebble
  /** From now on the CA finds these names at the gateways (all pods unless some are given). */
  pointAtGateways(hosts: readonly string[], ips?: readonly string[]): Promise<void>
  /** A new namespace, which ends with the mesh. `prefix` is the beginning of its name. */
  namespace(prefix?: string): Promise<string>
  /** Further gateway pods in another namespace, with a selector of their own. */
  moreGateways(options: GatewaysOptions): Promise<Gateways>
  close(): Promise<void>
}

/** With a control plane that this process has started, and may stop and start. */
export interface OwnMesh extends Mesh {
  readonly controlPlane: ControlPlane
}

export interface MeshOptions extends Pick<ControlPlaneOptions, 'flags' | 'meshConfig'> {
  /** Gateway pods; 2 unless given. */
  readonly gateways?: number
  /** Over Pebble's defaults, which are unkind. */
  readonly pebble?: Omit<PebbleOptions, 'httpPort' | 'place' | 'resolverPlace'>
}

/** What others need to use a control plane; JSON in the file that PORT80_MESH names. */
interface Shared {
  readonly subnet: string
  readonly url: string
  readonly caFile: string
  readonly adminToken: string
  readonly kubeconfig: string
  readonly istiod: { readonly ip: string; readonly discovery: string; readonly logFile: string }
}

interface Plane {
  readonly network: Network
  readonly directory: string
  api(): ApiAccess
  readonly istiod: Mesh['istiod']
  /** Of the gateways. */
  readonly namespace: string
  readonly label: string
  /** It goes on after this mesh, so that what is in it must be taken away. */
  readonly shared: boolean
  close(): Promise<void>
}

/** For a test file: ends with it, and says what istiod and the gateways printed when it fails. */
export async function startMesh(t: Test, options: MeshOptions = {}): Promise<Mesh> {
  const file = process.env.PORT80_MESH
  return file === undefined ? startOwnMesh(t, options) : ending(t, await furnish(attach(file), options))
}

/** The same, always with a control plane of its own: for who stops parts of it or sets its flags. */
export async function startOwnMesh(t: Test, options: MeshOptions = {}): Promise<OwnMesh> {
  return ending(t, await openMesh(options))
}

export async function openMesh(options: MeshOptions = {}): Promise<OwnMesh> {
  const network = await openNetwork()
  const directory = meshDirectory()
  const controlPlane = await startControlPlane(network, { ...options, directory })
  const plane: Plane = {
    ...{ network, directory, api: () => controlPlane.api(), istiod: controlPlane.istiod },
    ...{ namespace: 'istio-system', label: 'ingressgateway', shared: false },
    async close() {
      await network.close()
      // Killed with the network; each is waited for, so that none writes to the folder any more.
      await controlPlane.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return { ...(await furnish(plane, options)), controlPlane }
}

/** Starts a control plane and writes the file for PORT80_MESH. */
export async function shareControlPlane(): Promise<{ readonly file: string; close(): Promise<void> }> {
  const network = await openNetwork()
  const directory = meshDirectory()
  const plane = await startControlPlane(network, { directory })
  const { url, caFile, adminToken, kubeconfig } = plane.api()
  const { ip, discovery, logFile } = plane.istiod
  const { subnet } = network
  const shared: Shared = { subnet, url, caFile, adminToken, kubeconfig, istiod: { ip, discovery, logFile } }
  const file = join(directory, 'mesh.json')
  writeFileSync(file, JSON.stringify(shared), { mode: 0o600 })
  return {
    file,
    async close() {
      await network.close()
      await plane.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function attach(file: string): Plane {
  const shared = JSON.parse(readFileSync(file, 'utf8')) as Shared
  const network = joinNetwork(shared.subnet)
  const { hostname, port } = new URL(shared.url)
  const access = { ...shared, ask: asker({ host: hostname, port: Number(port), caFile: shared.caFile }) }
  const directory = meshDirectory()
  const name = `gateways-${randomBytes(3).toString('hex')}`
  const { ip, discovery, logFile } = shared.istiod
  return {
    ...{ network, directory, api: () => access, namespace: name, label: name, shared: true },
    istiod: { ip, discovery, log: () => readFileSync(logFile, 'utf8') },
    async close() {
      await mustOf(() => access)('DELETE', `/api/v1/namespaces/${name}`)
      await network.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function furnish(plane: Plane, options: MeshOptions): Promise<Mesh> {
  const { network, directory, istiod } = plane
  const api = () => plane.api()
  const must = mustOf(api)
  const world: GatewayWorld = { network, must, istiod, directory }
  const { namespace, label } = plane
  const resolverPlace = await peerPlace(network, { name: 'resolver', directory, end: resolverEnd })
  const place = await peerPlace(network, { name: 'pebble', directory, end: '0.3' })
  const [gateways, pebble] = await Promise.all([
    startGateways(world, { namespace, label, count: options.gateways ?? 2 }),
    startPebble(place.directory, { ...options.pebble, httpPort: 80, place, resolverPlace }),
  ])
  const namespaces: string[] = []
  const all = [gateways]
  return {
    ...{ network, directory, api, must, istiod, gateways, pebble },
    async pointAtGateways(hosts, ips = gateways.pods.map((pod) => pod.ip)) {
      const [first = '', ...more] = ips
      for (const host of hosts) await pebble.resolver.setAddress(host, first, ...more)
    },
    async namespace(prefix = 'bench') {
      const name = `${prefix}-${randomBytes(3).toString('hex')}`
      await must('POST', '/api/v1/namespaces', { metadata: { name } })
      namespaces.push(name)
      return name
    },
    async moreGateways(more) {
      const found = await startGateways(world, more)
      all.push(found)
      namespaces.push(more.namespace)
      return found
    },
    async close() {
      if (plane.shared) {
        for (const each of all) await each.remove()
        for (const name of namespaces) await must('DELETE', `/api/v1/namespaces/${name}`)
      }
      await plane.close()
      await pebble.stop('SIGKILL')
    },
  }
}

function ending<T extends Mesh>(t: Test, mesh: T): T {
  t.teardown(async () => {
    if (!t.passing()) {
      t.comment(tail(mesh.istiod.log(), 30))
      for (const pod of mesh.gateways.pods) t.comment(`${pod.name}:\n${tail(pod.log(), 20)}`)
    }
    await mesh.close()
  })
  return mesh
}
