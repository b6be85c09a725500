/**
 * The network of the bench: one Linux bridge in a namespace of its own, and a network namespace a pod, joined to it by a
 * veth pair. All of it is one flat 10.N.0.0/16, as in a cluster; nothing routes out of it. Takes root and iproute2.
 *
 * N is 80, or the next even number while another bench on this machine has 80; services have the odd number after it.
 * A network is claimed by listening on an abstract socket: the kernel gives it back when the owner dies, however it
 * dies, so a claim that succeeds over namespaces that are there already has found a dead owner's, and removes them.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { batch, endProcesses, execIn, ip, linkIndex, tryIp } from './iproute.ts'

export interface PodNetwork {
  /** The network namespace, as `ip netns` knows it. */
  readonly name: string
  readonly ip: string
  /** Ends what still runs in the namespace (SIGKILL) and removes it. Idempotent. */
  remove(): Promise<void>
}

export interface Network {
  /** `10.80`: what every address of the network begins with. */
  readonly subnet: string
  /** The address that ends like this: `address('0.1')` is 10.80.0.1. */
  address(end: string): string
  /** For the API server's --service-cluster-ip-range. Nothing routes there unless somebody translates the addresses. */
  readonly services: string
  /**
   * A namespace for the pod, with loopback and `eth0` up. The name is unique in the network (a DNS label); an address
   * that is not given is one that no pod of this network has had. Programs started by `inside` find the network's
   * resolver in resolv.conf; further files of /etc are those in `/etc/netns/<pod.name>/`.
   */
  pod(name: string, ip?: string): Promise<PodNetwork>
  /** The arguments that run this command in the pod's namespace; the process that is started becomes the command. */
  inside(pod: PodNetwork, argv: readonly string[]): string[]
  /** Removes every namespace of the network, whoever made it; of a joined network only the pods made through it. */
  close(): Promise<void>
}

const firstOctet = 80
const lastOctet = 98
/** End of the address at which every network has its resolver (port 53). */
export const resolverEnd = '0.53'
/** The bridge's own: a way out for packets to other networks, which ends there (ICMP unreachable, at once). */
const routerEnd = '255.253'
/** The machine's own: tests run in the machine's namespace and speak to every pod. */
const hostEnd = '255.254'

const bridgeOf = (octet: number) => `port80-${octet}`
const podPrefixOf = (octet: number) => `p80-${octet}-`
const hostLegOf = (octet: number) => `p80-${octet}`
const filesOf = (namespace: string) => join('/etc/netns', namespace)

/** Claims a network, removes what dead owners left of any, and sets it up. */
export async function openNetwork(): Promise<Network> {
  let claims = await claimAll()
  // Another process that opens one at this moment holds all that are free, until it has looked into each.
  for (let tries = 0; claims.length === 0 && tries < 100; tries += 1) {
    await pause(100)
    claims = await claimAll()
  }
  for (const [octet] of claims) sweep(octet)
  const [own, ...others] = claims
  for (const [, server] of others) server.close()
  if (own === undefined) throw new Error(`every network from 10.${firstOctet} to 10.${lastOctet} is in use`)
  const [octet, server] = own
  const atExit = () => sweep(octet)
  process.once('exit', atExit)
  await makeBridge(octet)
  return {
    ...network(octet, new Set()),
    async close() {
      sweep(octet)
      process.off('exit', atExit)
      server.close()
    },
  }
}

async function claimAll(): Promise<[number, Server][]> {
  const claims: [number, Server][] = []
  for (let octet = firstOctet; octet <= lastOctet; octet += 2) {
    const claim = await claimed(octet)
    if (claim) claims.push([octet, claim])
  }
  return claims
}

/** The network that another process has opened, by its `subnet`. */
export function joinNetwork(subnet: string): Network {
  const pods = new Set<PodNetwork>()
  return {
    ...network(Number(subnet.split('.')[1]), pods),
    async close() {
      for (const pod of pods) await pod.remove()
    },
  }
}

function network(octet: number, pods: Set<PodNetwork>): Omit<Network, 'close'> {
  const subnet = `10.${octet}`
  return {
    subnet,
    address: (end) => `${subnet}.${end}`,
    services: `10.${octet + 1}.0.0/24`,
    inside: (pod, argv) => ['ip', 'netns', 'exec', pod.name, ...argv],
    async pod(name, ip) {
      const pod = await makePod(octet, name, ip)
      pods.add(pod)
      return {
        ...pod,
        async remove() {
          pods.delete(pod)
          await pod.remove()
        },
      }
    },
  }
}

/** The socket that stands for ownership; undefined while another process holds it. */
function claimed(octet: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(`\0port80-bench-network-${octet}`, () => resolve(server.unref()))
  })
}

async function makeBridge(octet: number): Promise<void> {
  const bridge = bridgeOf(octet)
  const leg = hostLegOf(octet)
  const subnet = `10.${octet}.0.0/16`
  await ip('netns', 'add', bridge)
  await batch(bridge, [
    'link set lo up',
    // Neither a spanning tree nor its delay: a port forwards the moment it is up.
    'link add br0 type bridge stp_state 0 forward_delay 0',
    `addr add 10.${octet}.${routerEnd}/16 dev br0`,
    'link set br0 up',
    'route add unreachable default',
  ])
  await execIn(bridge, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  // Before the leg and after it: what a test still sends while the leg is not there must not leave by the default route.
  await ip('route', 'replace', 'unreachable', subnet, 'metric', '9000')
  await ip('link', 'add', leg, 'type', 'veth', 'peer', 'name', 'host', 'netns', bridge)
  await batch(bridge, ['link set host master br0 up'])
  await ip('addr', 'add', `10.${octet}.${hostEnd}/16`, 'dev', leg)
  await ip('link', 'set', leg, 'up')
}

async function makePod(octet: number, podName: string, wantedIp?: string): Promise<PodNetwork> {
  const name = podPrefixOf(octet) + podName
  const bridge = bridgeOf(octet)
  const port = `v${randomBytes(5).toString('hex')}`
  mkdirSync(filesOf(name), { recursive: true })
  writeFileSync(join(filesOf(name), 'resolv.conf'), `nameserver 10.${octet}.${resolverEnd}\n`)
  await ip('netns', 'add', name)
  await batch(bridge, [
    `link add ${port} type veth peer name eth0 netns ${name}`,
    `link set ${port} master br0 up`,
  ])
  const address = wantedIp ?? (await addressOf(octet, bridge, port))
  await batch(name, [
    'link set lo up',
    // By the address: who has spoken to the one before at this address need not learn that it is another one now.
    `link set eth0 address ${macOf(address)}`,
    `addr add ${address}/16 dev eth0`,
    'link set eth0 up',
    `route add default via 10.${octet}.${routerEnd}`,
  ])
  let removed = false
  return {
    name,
    ip: address,
    async remove() {
      if (removed) return
      removed = true
      // The kernel removes a namespace's devices some time after the namespace: without this the address stays in use.
      await ip('-n', bridge, 'link', 'del', port).catch(() => undefined)
      removeNamespace(name)
    },
  }
}

/** A locally administered hardware address that holds the IP address. */
function macOf(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'))
  return ['0a', '58', ...bytes].join(':')
}

/** Of the bridge's port number, which the kernel counts up: so two processes never choose the same. */
async function addressOf(octet: number, bridge: string, port: string): Promise<string> {
  const index = await linkIndex(bridge, port)
  return `10.${octet}.${8 + Math.floor(index / 200)}.${20 + (index % 200)}`
}

/** Ends every process of the network and removes all of it. Synchronous: it also runs while this process exits. */
function sweep(octet: number): void {
  const ours = (name: string) => name === bridgeOf(octet) || name.startsWith(podPrefixOf(octet))
  for (const name of namesIn('/run/netns').filter(ours)) removeNamespace(name)
  for (const name of namesIn('/etc/netns').filter(ours))
    rmSync(filesOf(name), { recursive: true, force: true })
  tryIp('link', 'del', hostLegOf(octet))
  tryIp('route', 'del', 'unreachable', `10.${octet}.0.0/16`, 'metric', '9000')
}

function removeNamespace(name: string): void {
  endProcesses({ name })
  tryIp('netns', 'del', name)
  rmSync(filesOf(name), { recursive: true, force: true })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
