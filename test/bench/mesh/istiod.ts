/** istiod, unmodified. Stock Envoy lacks Istio's own filters, so the three that istiod would push are switched off. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, type Child } from '../peers/child.ts'
import { installed } from '../peers/install.ts'
import { placed } from '../peers/place.ts'
import type { Must } from './cluster-request.ts'
import type { PeerPlace } from './peer-place.ts'

export interface Istiod extends Child {
  readonly ip: string
  /** `ip:port` of discovery and of the mesh's CA, over TLS. */
  readonly discovery: string
}

export interface IstiodOptions {
  readonly kubeconfig: string
  /** Over what the bench sets in the mesh's configuration. */
  readonly meshConfig?: Readonly<Record<string, unknown>>
}

export async function startIstiod(place: PeerPlace, options: IstiodOptions): Promise<Istiod> {
  const { host, directory } = place
  const meshFile = join(directory, 'mesh.yaml')
  // Without default providers there is no stats filter; nothing here makes Ingress objects.
  const mesh = {
    ...{ defaultProviders: {}, ingressControllerMode: 'OFF', trustDomain: 'cluster.local' },
    // Of sidecars: gateways are told by the bench itself.
    defaultConfig: {
      ...{ discoveryAddress: `${host}:15012`, binaryPath: (await installed('envoy')).path },
      ...{ concurrency: 1, terminationDrainDuration: '1s' },
    },
  }
  // As JSON: what is YAML 1.1 to istiod would read a bare OFF as a boolean.
  writeFileSync(meshFile, JSON.stringify({ ...mesh, ...options.meshConfig }))
  const child = await startChild({
    name: 'istiod',
    directory,
    cwd: directory,
    env: environment(host),
    ...placed(place, (await installed('pilot-discovery')).path, [
      ...['discovery', '--kubeconfig', options.kubeconfig, '--meshConfig', meshFile],
      ...['--httpAddr', `${host}:8080`, '--httpsAddr', `${host}:15017`, '--monitoringAddr', `${host}:15014`],
      ...['--grpcAddr', `${host}:15010`, '--secureGRPCAddr', `${host}:15012`],
      ...['--domain', 'cluster.local', '--clusterRegistries', 'Kubernetes'],
    ]),
    timeoutMs: 90_000,
    ready: async () => (await fetch(`http://${host}:8080/ready`)).ok,
  })
  return { ...child, ip: host, discovery: `${host}:15012` }
}

function environment(host: string): Record<string, string> {
  return {
    ...{ POD_NAME: 'istiod-bench', POD_NAMESPACE: 'istio-system', REVISION: 'default' },
    ...{ CLUSTER_ID: 'Kubernetes', JWT_POLICY: 'third-party-jwt', PILOT_CERT_PROVIDER: 'istiod' },
    ...{ ISTIOD_CUSTOM_HOST: host, VALIDATION_WEBHOOK_CONFIG_NAME: validator },
    ...{ PILOT_ENABLE_METADATA_EXCHANGE: 'false', PILOT_ENABLE_ALPN_FILTER: 'false' },
  }
}

const validator = 'istio-validator-istio-system'

/**
 * Istio's own validation of its objects, as an installed Istio has it: what it refuses in a cluster is refused here.
 * istiod puts its CA into it and makes it binding. By URL, since nothing translates a Service's address for the API server.
 */
export async function installValidation(must: Must, host: string): Promise<void> {
  const groups = ['security.istio.io', 'networking.istio.io', 'telemetry.istio.io', 'extensions.istio.io']
  await must('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: validator, labels: { app: 'istiod', istio: 'istiod', 'istio.io/rev': 'default' } },
    webhooks: [
      {
        name: 'rev.validation.istio.io',
        clientConfig: { url: `https://${host}:15017/validate` },
        rules: [
          { operations: ['CREATE', 'UPDATE'], apiGroups: groups, apiVersions: ['*'], resources: ['*'] },
        ],
        failurePolicy: 'Ignore',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  })
}

/** What a proxy trusts istiod by; istiod puts it into every namespace. */
export async function meshRoot(must: Must, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/istio-ca-root-cert`
  const found = await must<{ data: Record<string, string> }>('GET', path)
  return found.data['root-cert.pem'] ?? ''
}

/** The last lines that istiod printed about errors. */
export const istiodErrors = (istiod: Child) =>
  readFileSync(istiod.logFile, 'utf8')
    .split('\n')
    .filter((line) => /\b(error|warn)\b/.test(line))
