/** What the section about discovery must be for the others. Pure. */
import { finding, type Finding } from './fault.ts'
import { issuerNames } from './known-issuers.ts'
import { nearest } from './nearest.ts'
import type { Sketch } from './sketch.ts'

export function discoveryFindings(sketch: Sketch): Finding[] {
  if (sketch.discovery === undefined) return []
  return [...findsNothing(sketch), ...needsCluster(sketch), ...unknownIssuers(sketch)]
}

function findsNothing({ discovery = {} }: Sketch): Finding[] {
  if ('istio' in discovery || 'gatewayApi' in discovery) return []
  return [finding(['discovery'], undefined, 'reads nothing; write istio or gatewayApi, or take it out')]
}

/** Without a word about the cluster it would be whichever one kubectl was used with last. */
function needsCluster(sketch: Sketch): Finding[] {
  const { store } = sketch
  if ('kubernetes' in sketch || (store !== undefined && 'kubernetes' in store)) return []
  if ('store' in sketch && store === undefined) return []
  const fix = 'needs a cluster; add `kubernetes: {}` (the ServiceAccount in a pod, otherwise the kubeconfig)'
  return [finding(['discovery'], undefined, fix)]
}

function unknownIssuers(sketch: Sketch): Finding[] {
  if ('issuers' in sketch && sketch.issuers === undefined) return []
  const names = issuerNames({ issuers: sketch.issuers ?? {} })
  return (['issuer', 'fallbackIssuer'] as const).flatMap((key) => {
    const name = sketch.discovery?.[key]
    if (name === undefined || names.includes(name)) return []
    const near = nearest(name, names)
    const meant = near === undefined ? '' : `did you mean ${near}? Otherwise `
    return [finding(['discovery', key], name, `is no issuer; ${meant}add it to issuers`)]
  })
}
