/** Where the Secret of a claim is, as far as that is known. Pure. */
import type { GatewayConfig } from '../config/destination-schema.ts'
import type { DiscoveryConfig } from '../config/discovery-schema.ts'
import { selectorKey, shown, wordsFor, type Claim, type ObjectRef } from './claim.ts'
import { isGranted } from './reference-grant.ts'
import type { SourceStatus } from './source-status.ts'
import type { View } from './view.ts'

/** A claim with the object that makes it and the namespaces that its Secret goes into. */
export interface LocatedClaim extends Claim {
  readonly object: ObjectRef
  /** At least one. */
  readonly namespaces: readonly string[]
  /** Whose pods serve it. */
  readonly gateway: GatewayConfig
}

export type Problem = Pick<SourceStatus, 'state' | 'detail'>

export function locate(
  object: ObjectRef,
  claim: Claim,
  { view, settings }: { readonly view: View; readonly settings: DiscoveryConfig },
): { readonly ok: LocatedClaim } | { readonly problem: Problem } {
  const { place } = claim
  const { httpPort, httpsPort, namespaces: allowed } = settings.gateway
  const found = place.by === 'pods' ? byPods(place.selector, view) : byReference(object, claim, view)
  if ('problem' in found) return found
  const outside = found.namespaces.find((each) => allowed && !allowed.includes(each))
  if (outside !== undefined) {
    const detail = `its Secret belongs in namespace ${outside}, which is not among discovery.gateway.namespaces`
    return { problem: { state: 'refused', detail } }
  }
  const { namespaces } = found
  // What serves a reference may run anywhere; implementations that make pods for a Gateway make them beside it.
  const around = place.by === 'pods' ? namespaces : (allowed ?? [object.namespace])
  const gateway = { namespaces: [...around], selector: { ...place.selector }, httpPort, httpsPort }
  return { ok: { ...claim, object, namespaces, gateway } }
}

type Found = { readonly namespaces: readonly string[] } | { readonly problem: Problem }

function byPods(selector: Readonly<Record<string, string>>, view: View): Found {
  const pods = view.pods.get(selectorKey(selector)) ?? { fault: 'its pods are being looked up' }
  if ('namespaces' in pods && pods.namespaces.length > 0) return pods
  const detail = 'fault' in pods ? pods.fault : `no pod has the labels ${labelsOf(selector)}`
  return { problem: { state: 'waiting', detail } }
}

function byReference(object: ObjectRef, { place, secret }: Claim, view: View): Found {
  if (place.by !== 'reference') return { namespaces: [] }
  const { namespace } = place
  if (isGranted(view.grants, { from: object.namespace, to: namespace, secret }))
    return { namespaces: [namespace] }
  const detail = `${wordsFor(object)} names a Secret of namespace ${namespace}, and no ReferenceGrant there (that is seen from here) lets Gateways of ${object.namespace} do so; make one`
  return { problem: { state: 'refused', detail } }
}

function labelsOf(selector: Readonly<Record<string, string>>): string {
  return shown(
    Object.entries(selector)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  )
}
