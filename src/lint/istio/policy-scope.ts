/** Which security policies the pods of a gateway have. Pure. https://istio.io/latest/docs/reference/config/security/authorization-policy/ */
import type { TargetRef } from '../istio-specs.ts'
import type { LintScope, Ref } from '../objects.ts'
import { isSubset, landing, type Edge } from './edge.ts'

interface Policy {
  readonly ref: Ref
  readonly spec: {
    readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> } | undefined
    readonly targetRef?: TargetRef | undefined
    readonly targetRefs: readonly TargetRef[]
  }
}

const gatewayName = 'gateway.networking.k8s.io/gateway-name'

/** Only what surely counts: of the pods' namespace or of the whole mesh, by labels or by the name of a Gateway of the Gateway API. */
export function appliesTo({ ref, spec }: Policy, edge: Edge, { rootNamespace }: LintScope): boolean {
  if (ref.namespace !== edge.namespace && ref.namespace !== rootNamespace) return false
  const targets = spec.targetRefs.length > 0 ? spec.targetRefs : spec.targetRef ? [spec.targetRef] : []
  if (targets.length === 0) return landing(spec.selector?.matchLabels ?? {}, edge) === 'yes'
  const labels = [edge.selector ?? {}, ...(edge.pods ?? []).map((pod) => pod.labels)]
  return targets.some(
    ({ group, kind, name }) =>
      ref.namespace === edge.namespace &&
      `${group}/${kind}` === 'gateway.networking.k8s.io/Gateway' &&
      labels.some((each) => isSubset({ [gatewayName]: name }, each)),
  )
}
