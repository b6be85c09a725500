/** P80-113: a DestinationRule lets the gateway speak TLS to a responder that has nobody who understands it. Pure. */
import type { Finding, Fix } from '../../finding/finding.ts'
import type { Edge } from '../istio/edge.ts'
import { isSubset } from '../istio/edge.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { covers } from '../istio/host-pattern.ts'
import { fullName, isResponder, serviceOf, type Responder } from '../istio/responder.ts'
import { visibilityTo } from '../istio/visibility.ts'
import { applied, patched } from '../kubectl-command.ts'
import type { LintScope, MeshObjects, Rule } from '../objects.ts'

type DestinationRule = MeshObjects['destinationRules'][number]

export const mutualTls: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, { edge }) => {
    const { responder } = scope
    if (!responder) return []
    const sidecar = hasSidecar(objects, responder)
    const rule = sidecar === true ? undefined : inForce(objects, scope, edge, responder)
    const mode = rule?.spec.trafficPolicy?.tls?.mode ?? ''
    return rule && ['ISTIO_MUTUAL', 'MUTUAL', 'SIMPLE'].includes(mode)
      ? [findingOf(rule, host, responder, sidecar)]
      : []
  })

/** The one of the gateway's namespace goes before that of the Service's and of the mesh's; the narrowest host of a namespace first. */
function inForce(
  { destinationRules }: MeshObjects,
  { rootNamespace }: LintScope,
  { namespace }: Edge,
  responder: Responder,
): DestinationRule | undefined {
  const places = [namespace, responder.namespace, rootNamespace]
  const about = destinationRules.filter(
    (rule) =>
      isAbout(rule, responder) && visibilityTo(rule.spec.exportTo, rule.ref.namespace, namespace) !== 'none',
  )
  const weight = ({ spec }: DestinationRule) => (spec.host.startsWith('*') ? spec.host.length : Infinity)
  return places
    .map((place) => about.filter(({ ref }) => ref.namespace === place))
    .find((found) => found.length > 0)
    ?.sort((one, other) => weight(other) - weight(one))[0]
}

function isAbout({ ref, spec }: DestinationRule, responder: Responder): boolean {
  const wild = spec.host.startsWith('*') && covers(spec.host, fullName(responder))
  return wild || isResponder(spec.host, ref.namespace, responder)
}

/** Undefined where neither a pod, nor a template, nor the label of the namespace tells. */
function hasSidecar(objects: MeshObjects, responder: Responder): boolean | undefined {
  const selector = serviceOf(objects, responder)?.spec.selector ?? {}
  const pods = objects.pods.filter(
    ({ ref, labels }) =>
      Object.keys(selector).length > 0 && ref.namespace === responder.namespace && isSubset(selector, labels),
  )
  if (pods.some(({ sidecar }) => sidecar === true)) return true
  if (pods.length > 0 && pods.every(({ sidecar }) => sidecar === false)) return false
  const { labels } = objects.namespaces.find(({ name }) => name === responder.namespace) ?? {}
  return labels?.['istio-injection'] === 'enabled' || labels?.['istio.io/rev'] ? true : undefined
}

function findingOf(
  rule: DestinationRule,
  host: string,
  responder: Responder,
  sidecar: boolean | undefined,
): Finding {
  const mode = rule.spec.trafficPolicy?.tls?.mode ?? ''
  const whether = sidecar === false ? 'which has no sidecar' : 'of which no sidecar is known'
  return {
    code: 'P80-113',
    object: { ...rule.ref, field: 'spec.trafficPolicy.tls.mode' },
    host,
    seen: seen(
      `${mode} to ${responder.namespace}/${responder.service}, ${whether}: challenges of ${host} fail`,
    ),
    fix: plainAgain(rule, responder),
  }
}

/** A rule for more than port80 keeps what it says of the others: a narrower one beside it goes first. */
function plainAgain({ ref, spec }: DestinationRule, responder: Responder): Fix {
  if (!spec.host.startsWith('*')) {
    const remove = { op: 'remove', path: '/spec/trafficPolicy/tls' } as const
    return { do: 'run', command: patched(ref, 'DestinationRule', [remove]) }
  }
  const metadata = { name: `${responder.service}-plain`, namespace: ref.namespace }
  const own = { host: fullName(responder), trafficPolicy: { tls: { mode: 'DISABLE' } } }
  const head = { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' }
  return { do: 'run', command: applied({ ...head, metadata, spec: own }) }
}
