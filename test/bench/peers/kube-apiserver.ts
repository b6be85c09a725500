/**
 * kube-apiserver with RBAC on: a real one, its etcd beside it. By itself it has no controller and no kubelet, so nothing
 * makes ServiceAccounts, Pods or EndpointSlices but whoever writes them.
 */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { startChild, type Child } from './child.ts'
import type { Answer } from './https-request.ts'
import { installed } from './install.ts'
import { loopback, placed, type Place } from './place.ts'
import { freePort } from './ports.ts'
import { writeTlsFiles } from './tls-root.ts'

export interface KubeApiserverOptions {
  readonly etcdUrl: string
  /** The same port and folder as before: the server that was stopped, started again. */
  readonly port?: number
  /** Given: it listens on 6443 there, and announces itself as the Service `kubernetes`. */
  readonly place?: Place
  readonly flags?: readonly string[]
}

export interface KubeApiserver extends Child {
  readonly port: number
  readonly url: string
  /** PEM file to trust. */
  readonly caFile: string
  /** Token of a member of system:masters. */
  readonly adminToken: string
  /** A kubeconfig of that member, for kubectl and for tests. */
  readonly kubeconfig: string
  /** One request, by default as that member. Rejects when there is no answer within ten seconds. */
  ask(method: string, path: string, body?: object, token?: string): Promise<Answer>
}

const adminToken = 'bench-admin'

export async function startKubeApiserver(
  directory: string,
  options: KubeApiserverOptions,
): Promise<KubeApiserver> {
  const { place = loopback } = options
  const again = options.port !== undefined
  const port = options.port ?? (place === loopback ? await freePort() : 6443)
  const { host } = place
  const caFile = join(directory, 'root.pem')
  const url = `https://${host}:${port}`
  if (!again) await writeFiles(directory, { url, host, caFile })
  const ask = asker({ host, port, caFile })
  const child = await startChild({
    name: 'kube-apiserver',
    directory,
    ...placed(place, (await installed('kube-apiserver')).path, [
      ...flagsFor(directory, { host, port, etcdUrl: options.etcdUrl }),
      ...(options.flags ?? []),
    ]),
    timeoutMs: 120_000,
    ready: async () => (await ask('GET', '/readyz')).status === 200,
  })
  const kubeconfig = join(directory, 'kubeconfig.json')
  return { ...child, port, url, caFile, adminToken, kubeconfig, ask }
}

interface Listening {
  readonly host: string
  readonly port: number
  readonly etcdUrl: string
}

function flagsFor(directory: string, { host, port, etcdUrl }: Listening): string[] {
  const file = (name: string) => join(directory, name)
  return [
    `--etcd-servers=${etcdUrl}`,
    ...[`--bind-address=${host}`, `--secure-port=${port}`],
    ...announcement(host),
    ...[`--tls-cert-file=${file('tls.pem')}`, `--tls-private-key-file=${file('tls.key')}`],
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-account.key')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--api-audiences=https://kubernetes.default.svc,istio-ca',
    '--authorization-mode=RBAC',
    `--token-auth-file=${file('tokens.csv')}`,
  ]
}

/** Its address for the cluster, and the cluster's range of Services: the odd number after the network's own. */
function announcement(host: string): string[] {
  if (host !== loopback.host) {
    const [first, second] = host.split('.').map(Number)
    return [
      ...[`--advertise-address=${host}`, '--allow-privileged=true'],
      `--service-cluster-ip-range=${first}.${(second ?? 0) + 1}.0.0/24`,
    ]
  }
  return [
    // Nobody asks for the kubernetes Service there, and its endpoint may not be a loopback address.
    ...['--advertise-address=10.80.0.1', '--endpoint-reconciler-type=none'],
    '--service-cluster-ip-range=10.81.0.0/24',
  ]
}

/** Of the Service `kubernetes`: the first of the range. */
function serviceAddress(host: string): string {
  const [first, second] = host.split('.').map(Number)
  return `${first}.${(second ?? 0) + 1}.0.1`
}

interface Written {
  readonly url: string
  readonly host: string
  readonly caFile: string
}

async function writeFiles(directory: string, { url, host, caFile }: Written): Promise<void> {
  const hosts = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc']
  const names = [...hosts, `${hosts[2]}.cluster.local`]
  await writeTlsFiles(directory, { hosts: names, address: host, addresses: [serviceAddress(host)] })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' })
  writeFileSync(join(directory, 'service-account.key'), key, { mode: 0o600 })
  writeFileSync(join(directory, 'tokens.csv'), `${adminToken},admin,admin,"system:masters"\n`)
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'bench' },
    clusters: [{ name: 'bench', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'admin', user: { token: adminToken } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'admin', namespace: 'port80' } }],
  }
  writeFileSync(join(directory, 'kubeconfig.json'), JSON.stringify(kubeconfig))
}

interface Asked {
  readonly host: string
  readonly port: number
  readonly caFile: string
}

/** Requests to the API server at that place, by default with the administrator's token. */
export function asker({ host, port, caFile }: Asked): KubeApiserver['ask'] {
  return (method, path, body, token = adminToken) =>
    new Promise((resolve, reject) => {
      const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const outgoing = request(
        {
          ...{ host, port, method, path, ca: readFileSync(caFile), agent: false },
          headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': patch }) },
          timeout: 30_000,
        },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          )
        },
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer within 30 s`)))
      outgoing.on('error', reject)
      outgoing.end(body && JSON.stringify(body))
    })
}
