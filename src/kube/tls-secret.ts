/**
 * A pair as the Secret that Istio's gateways are served from (SDS), and back. Pure.
 *
 * Only `tls.crt`, `tls.key` and our own annotations are ever written. `ca.crt` is not: where a gateway asks for client
 * certificates it is the CA that they are checked against, and the CA's chain there would let in whoever has a certificate
 * of that CA.
 */
import { readLeaf } from '../certificate/certificate.ts'
import type { Installed, Pair } from '../destination/destination.ts'
import { faultOfPair } from '../destination/pair-fault.ts'
import type { MergePatch, New } from './client.ts'
import { managedBy, pairAnnotations as annotation } from './names.ts'
import type { Secret } from './object.ts'
import { refusalOf, type SecretTerms } from './secret-refusal.ts'

export const chainKey = 'tls.crt'
export const privateKey = 'tls.key'

/** What the gateway picks up, or why port80 leaves the Secret alone. */
export function installedOf(secret: Secret | undefined, terms: SecretTerms): Installed {
  if (secret === undefined) return { state: 'absent' }
  const fault = refusalOf(secret, terms)
  if (fault !== undefined) return { state: 'foreign', fault }
  const pair = pairOf(secret)
  const broken = pair && faultOfPair(pair)
  // As good as nothing, and to be replaced: no gateway can load it.
  if (!pair || broken === 'chain does not parse' || broken === 'key does not parse')
    return { state: 'absent' }
  return { state: 'present', pair }
}

/** Undefined when a part is missing or empty. */
export function pairOf(secret: Secret): Pair | undefined {
  const chainPem = decoded(secret.data?.[chainKey])
  const keyPem = decoded(secret.data?.[privateKey])
  return chainPem === '' || keyPem === '' ? undefined : { chainPem, keyPem }
}

/**
 * A Secret that was not there. The annotations keep Argo CD from removing it as one that is not in Git, where it counts
 * the Secret as its own. (A Secret that *is* in Git is for the operator to annotate: for Flux
 * `kustomize.toolkit.fluxcd.io/ssa: IfNotPresent`, for Argo CD an ignoreDifferences on /data and /metadata/annotations.)
 * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
 * https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
 */
export function newTlsSecret(pair: Pair, terms: SecretTerms): New<Secret> {
  return {
    type: 'kubernetes.io/tls',
    metadata: {
      labels: { [managedBy]: 'port80' },
      annotations: {
        ...annotationsOf(pair, terms),
        'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
        'argocd.argoproj.io/sync-options': 'Prune=false',
      },
    },
    data: dataOf(pair),
  }
}

/**
 * Both parts in one patch, on the version that was looked at: a gateway that saw a new chain with an old key would refuse
 * both. The generic keys `cert` and `key`, which Istio prefers to ours, go where the operator agreed (refusalOf).
 */
export function pairPatch(secret: Secret, pair: Pair, terms: SecretTerms): MergePatch {
  const { resourceVersion } = secret.metadata
  const generic = Object.fromEntries(
    ['cert', 'key'].filter((name) => secret.data?.[name] !== undefined).map((name) => [name, null]),
  )
  return {
    metadata: { resourceVersion, annotations: annotationsOf(pair, terms) },
    data: { ...dataOf(pair), ...generic },
  }
}

/** What `kubectl describe secret` says about the certificate. */
export interface PairWords {
  /** `Ready: up to date, has not expired`. */
  readonly status: string
  /** A reason of src/reason.ts. */
  readonly reason: string
  /** Epoch milliseconds of the next renewal. */
  readonly renewalAt?: number
}

/** Undefined when the Secret says so already. */
export function wordsPatch(secret: Secret, words: PairWords): MergePatch | undefined {
  const wanted = {
    [annotation.status]: words.status.slice(0, 500),
    [annotation.reason]: words.reason.slice(0, 100),
    [annotation.renewalTime]: words.renewalAt === undefined ? null : isoTime(words.renewalAt),
  }
  const there = secret.metadata.annotations ?? {}
  if (Object.entries(wanted).every(([name, value]) => (there[name] ?? null) === value)) return undefined
  return { metadata: { resourceVersion: secret.metadata.resourceVersion, annotations: wanted } }
}

function annotationsOf(pair: Pair, terms: SecretTerms): Record<string, string> {
  const leaf = readLeaf(pair)
  return {
    [annotation.certificate]: terms.certificate,
    [annotation.instance]: terms.instance,
    ...(leaf && {
      [annotation.fingerprint]: leaf.fingerprint,
      [annotation.names]: leaf.names.join(',').slice(0, 10_000),
      [annotation.issuer]: leaf.issuedBy,
      [annotation.notAfter]: isoTime(leaf.notAfter),
    }),
  }
}

function dataOf(pair: Pair): Record<string, string> {
  const encoded = (text: string) => Buffer.from(text, 'utf8').toString('base64')
  return { [chainKey]: encoded(pair.chainPem), [privateKey]: encoded(pair.keyPem) }
}

function decoded(value: string | undefined): string {
  return Buffer.from(value ?? '', 'base64').toString('utf8')
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
