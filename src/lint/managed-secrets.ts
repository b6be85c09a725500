/** Which Secrets are port80's to write. Pure. */
import type { LintScope, ManagedCertificate, ManagedSecret, MeshObjects } from './objects.ts'
import type { SecretFacts } from './secret-facts.ts'

export interface HeldSecret {
  readonly secret: SecretFacts
  readonly managed: ManagedSecret
  readonly certificate: ManagedCertificate
}

/** Those that are there, each once. */
export function heldSecrets(objects: MeshObjects, scope: LintScope): HeldSecret[] {
  return objects.secrets.flatMap((secret) => {
    const found = managerOf(secret.ref, objects, scope)
    return found ? [{ secret, ...found }] : []
  })
}

/** Whether port80 writes, or will write, that Secret. */
export function managerOf(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  objects: MeshObjects,
  { managed }: LintScope,
): Omit<HeldSecret, 'secret'> | undefined {
  for (const certificate of managed.certificates) {
    const found = certificate.secrets.find((one) => one.name === name && isPlace(one, namespace, objects))
    if (found) return { managed: found, certificate }
  }
  return undefined
}

/** Without namespaces of its own it is written where the gateway pods are; where those are unknown, anywhere. */
function isPlace({ namespaces, selector }: ManagedSecret, namespace: string, { pods }: MeshObjects): boolean {
  if (namespaces.length > 0) return namespaces.includes(namespace)
  const places = selector ? namespacesOfPods(pods, selector) : []
  return places.length === 0 || places.includes(namespace)
}

export function namespacesOfPods(
  pods: MeshObjects['pods'],
  selector: Readonly<Record<string, string>>,
): string[] {
  return [...new Set(pods.filter((pod) => hasLabels(pod, selector)).map(({ ref }) => ref.namespace))]
}

export function hasLabels(
  { labels }: MeshObjects['pods'][number],
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}
