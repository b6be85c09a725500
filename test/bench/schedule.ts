/** Which files `npm run test:bench` runs, in which order and lane, and what each folder takes. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerName } from './peers/install.ts'

const kubernetes: readonly PeerName[] = ['etcd', 'kube-apiserver']
const pebble: readonly PeerName[] = ['pebble', 'pebble-challtestsrv']

const mesh: readonly PeerName[] = [
  ...(['ip', 'iptables', 'nft', 'nginx', 'curl', 'openssl', 'prometheus', 'promtool'] as const),
  ...([
    'istio-module',
    'gateway-api-module',
    'istio-samples',
    'httpbin',
    'envoy',
    'helm',
    'kubectl',
  ] as const),
  ...[...kubernetes, 'kube-controller-manager' as const, ...pebble],
  ...(['pilot-discovery', 'pilot-agent', 'istioctl'] as const),
]

/** Folders, and the peers that their files take. */
const needed = {
  'mesh/chart': ['promtool', 'helm', 'kubeconform', 'istio-module', 'gateway-api-module'],
  page: ['chromium'],
  cases: [...pebble, 'envoy', 'buildah', 'mmdebstrap', 'debian-base'],
  kube: [...kubernetes, ...pebble],
  'mesh/cases': mesh,
  // Each with a mesh of its own: lint reads the whole cluster, and what other files left there is no mistake of these.
  broken: mesh,
} as const satisfies Readonly<Record<string, readonly PeerName[]>>
type Folder = keyof typeof needed
const folders = Object.keys(needed) as Folder[]

/** What is there in seconds comes first: a machine that lacks one of these is told so before the long builds. */
const quick: readonly PeerName[] = [
  ...(['ip', 'iptables', 'nft', 'curl', 'openssl', 'nginx', 'buildah', 'mmdebstrap'] as const),
  ...(['prometheus', 'promtool', 'debian-base', 'envoy', 'httpbin', 'istio-module'] as const),
  ...(['gateway-api-module', 'istio-samples', 'kubeconform', 'pebble', 'pebble-challtestsrv'] as const),
]

export interface BenchFile {
  readonly folder: Folder
  /** Below this folder: `kube/lease.ts`. */
  readonly path: string
  /** On the control plane that is shared: never two at a time, since each has the same places in its network. */
  readonly onMesh: boolean
}

/** All files, or those with one of `parts` in their path, in the order of their start. Throws when none is left. */
export function filesMatching(parts: readonly string[]): BenchFile[] {
  const all = folders.flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder))
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .map((name) => ({ folder, path: `${folder}/${name}`, onMesh: folder === 'mesh/cases' })),
  )
  const wanted = all.filter(({ path }) => parts.length === 0 || parts.some((part) => path.includes(part)))
  if (wanted.length === 0) throw new Error(`no file of ${folders.join('/, ')}/ matches ${parts.join(', ')}`)
  return wanted
}

/** What the files take, each once, in the order in which it is worth installing. */
export function peersOf(files: readonly BenchFile[]): PeerName[] {
  const wanted = new Set(files.flatMap(({ folder }): readonly PeerName[] => needed[folder]))
  return [...quick.filter((name) => wanted.has(name)), ...[...wanted].filter((name) => !quick.includes(name))]
}

/** Whether the file can be run without any of these. */
export function canRun({ folder }: BenchFile, missing: readonly PeerName[]): boolean {
  const takes: readonly PeerName[] = needed[folder]
  return !missing.some((name) => takes.includes(name))
}
