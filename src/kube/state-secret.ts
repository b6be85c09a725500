/** One document of the state store as a Secret, and back. Pure. */
import { hash } from 'node:crypto'
import { keyOf, partsOf, type KeyParts, type StateKind } from '../state/state-key.ts'
import type { StateKey } from '../state/store.ts'
import type { New } from './client.ts'
import { kindLabel, managedBy, stateKeyAnnotation, stateKindLabel } from './names.ts'
import type { KubeObject, Secret } from './object.ts'

/** The key of the document inside the Secret: `kubectl get secret NAME -o jsonpath='{.data.document}' | base64 -d`. */
const documentKey = 'document'

/** What a Secret may hold (1 MiB); its key does not count. */
export const longestDocument = 1024 * 1024

/** DNS-1123 subdomain: what a Kubernetes name is. */
const kubernetesName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/**
 * `port80-certificate-book`, readable. Keys may hold what a Kubernetes name may not (`a..b`, a hyphen at the end): those
 * get `port80-certificate.HASH`, which no readable name can be, since the kind is followed by a hyphen there.
 */
export function secretNameOf({ kind, name }: KeyParts): string {
  return kubernetesName.test(name)
    ? `port80-${kind}-${name}`
    : `port80-${kind}.${hash('sha256', name).slice(0, 40)}`
}

export function stateLabels(kind: StateKind): Record<string, string> {
  return { [managedBy]: 'port80', [kindLabel]: 'state', [stateKindLabel]: kind }
}

export function stateSecret(key: StateKey, kind: StateKind, text: string): New<Secret> {
  return {
    type: 'Opaque',
    metadata: { labels: stateLabels(kind), annotations: { [stateKeyAnnotation]: key } },
    data: documentIn(text),
  }
}

export function documentIn(text: string): Record<string, string> {
  return { [documentKey]: Buffer.from(text, 'utf8').toString('base64') }
}

/** The text, or what is wrong in words that name no content. */
export function documentOf(
  secret: Secret,
  key: StateKey,
): { text: string; version: string } | { fault: string } {
  const value = secret.data?.[documentKey]
  const version = secret.metadata.resourceVersion
  if (stateKeyOf(secret) !== key) return { fault: `is not the one of ${key}` }
  // An empty text is left out by some clients that wrote the Secret back.
  if (value === undefined && Object.keys(secret.data ?? {}).length > 0)
    return { fault: 'holds no document of port80' }
  if (version === undefined) return { fault: 'has no version' }
  const bytes = Buffer.from(value ?? '', 'base64')
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? { text, version } : { fault: 'is not UTF-8' }
}

/** The key that it says it is for, when it stands where that key belongs. */
export function stateKeyOf({ metadata }: KubeObject): StateKey | undefined {
  const parts = partsOf(metadata.annotations?.[stateKeyAnnotation] ?? '')
  return parts && secretNameOf(parts) === metadata.name ? keyOf(parts.kind, parts.name) : undefined
}
