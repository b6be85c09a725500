/** Whether a namespace lets objects of another one refer to what is in it. Pure. https://gateway-api.sigs.k8s.io/api-types/referencegrant/ */
import { applied } from '../kubectl-command.ts'
import type { MeshObjects } from '../objects.ts'

/** From an object of the Gateway API to one of Kubernetes' own group. */
export interface Reference {
  readonly from: { readonly kind: 'HTTPRoute' | 'Gateway'; readonly namespace: string }
  readonly to: { readonly kind: 'Service' | 'Secret'; readonly namespace: string; readonly name: string }
}

const group = 'gateway.networking.k8s.io'

/** What is in one namespace needs no grant. */
export function isGranted({ from, to }: Reference, { referenceGrants }: MeshObjects): boolean {
  if (from.namespace === to.namespace) return true
  return referenceGrants.some(
    ({ ref, spec }) =>
      ref.namespace === to.namespace &&
      spec.from.some(
        (one) => one.group === group && one.kind === from.kind && one.namespace === from.namespace,
      ) &&
      spec.to.some(
        (one) => one.group === '' && one.kind === to.kind && (one.name === '' || one.name === to.name),
      ),
  )
}

/** A command that grants it, in an object of its own: one that is there keeps what it says. */
export function granting({ from, to }: Reference, { referenceGrants }: MeshObjects): string {
  const taken = (name: string) =>
    referenceGrants.some(({ ref }) => ref.namespace === to.namespace && ref.name === name)
  const wanted = `port80-${from.kind.toLowerCase()}-${from.namespace}`
  let name = wanted
  for (let count = 2; taken(name); count++) name = `${wanted}-${count}`
  return applied({
    ...{ apiVersion: `${group}/v1beta1`, kind: 'ReferenceGrant' },
    metadata: { name, namespace: to.namespace },
    spec: { from: [{ group, ...from }], to: [{ group: '', kind: to.kind, name: to.name }] },
  })
}
