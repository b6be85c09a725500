/**
 * kube-apiserver with RBAC on, on a port of loopback: a real one, its etcd beside it. There is no controller and no kubelet,
 * so nothing makes ServiceAccounts, Pods or EndpointSlices but whoever writes them.
 */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { startChild, type Child } from './child.ts'
import type { Answer } from './https-request.ts'
import { installed } from './install.ts'
import { freePort } from './ports.ts'
import { writeTlsFiles } from './tls-root.ts'

export interface KubeApiserverOptions {
  readonly etcdUrl: string
  /** The same port and folder as before: the server that was stopped, started again. */
  readonly port?: number
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
  const again = options.port !== undefined
  const port = options.port ?? (await freePort())
  const caFile = join(directory, 'root.pem')
  if (!again) await writeFiles(directory, port, caFile)
  const ask = asker(port, caFile)
  const child = await startChild({
    name: 'kube-apiserver',
    directory,
    command: (await installed('kube-apiserver')).path,
    args: [...flagsFor(directory, port, options.etcdUrl), ...(options.flags ?? [])],
    timeoutMs: 120_000,
    ready: async () => (await ask('GET', '/readyz')).status === 200,
  })
  const kubeconfig = join(directory, 'kubeconfig.json')
  return { ...child, port, url: `https://127.0.0.1:${port}`, caFile, adminToken, kubeconfig, ask }
}

function flagsFor(directory: string, port: number, etcdUrl: string): string[] {
  const file = (name: string) => join(directory, name)
  return [
    `--etcd-servers=${etcdUrl}`,
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`],
    // Nobody asks for the kubernetes Service here, and its endpoint may not be a loopback address.
    ...['--advertise-address=10.80.0.1', '--endpoint-reconciler-type=none'],
    '--service-cluster-ip-range=10.81.0.0/24',
    ...[`--tls-cert-file=${file('tls.pem')}`, `--tls-private-key-file=${file('tls.key')}`],
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-account.key')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--api-audiences=https://kubernetes.default.svc,istio-ca',
    '--authorization-mode=RBAC',
    `--token-auth-file=${file('tokens.csv')}`,
  ]
}

async function writeFiles(directory: string, port: number, caFile: string): Promise<void> {
  await writeTlsFiles(directory)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' })
  writeFileSync(join(directory, 'service-account.key'), key, { mode: 0o600 })
  writeFileSync(join(directory, 'tokens.csv'), `${adminToken},admin,admin,"system:masters"\n`)
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'bench' },
    clusters: [
      { name: 'bench', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': caFile } },
    ],
    users: [{ name: 'admin', user: { token: adminToken } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'admin', namespace: 'port80' } }],
  }
  writeFileSync(join(directory, 'kubeconfig.json'), JSON.stringify(kubeconfig))
}

function asker(port: number, caFile: string): KubeApiserver['ask'] {
  return (method, path, body, token = adminToken) =>
    new Promise((resolve, reject) => {
      const patch = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const outgoing = request(
        {
          ...{ host: '127.0.0.1', port, method, path, ca: readFileSync(caFile), agent: false },
          headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': patch }) },
          timeout: 10_000,
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
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer within 10 s`)))
      outgoing.on('error', reject)
      outgoing.end(body && JSON.stringify(body))
    })
}
