/** The Service that routes of challenges lead to. Pure. */
import type { MeshObjects } from './objects.ts'

export interface ServiceName {
  readonly namespace: string
  readonly service: string
}

export interface Known {
  /** Namespace of port80, where that is known. */
  readonly namespace?: string
  /** The headless Service of the configuration, `responders.service`. */
  readonly headless?: string
}

/** Routes to it are recognised by this path; the CA asks for nothing else. */
const challengePrefix = '/.well-known/acme-challenge'

/**
 * By the labels of the chart; else the Service beside the headless one of the configuration, over the same pods; else where
 * routes of the challenge prefix lead, when that is one place (or, of several, the one called port80). Undefined: nobody says.
 */
export function findResponder(objects: MeshObjects, known: Known): ServiceName | undefined {
  const inPlace = (one: ServiceName) => known.namespace === undefined || one.namespace === known.namespace
  for (const named of [byLabels(objects), besideHeadless(objects, known), byRoutes(objects)]) {
    const here = named.filter(inPlace)
    const candidates = here.length > 0 ? here : named
    const [only, other] = candidates
    if (only && !other) return only
    const called = candidates.find(({ service }) => service === 'port80')
    if (called ?? only) return called ?? only
  }
  return undefined
}

function byLabels({ services }: MeshObjects): ServiceName[] {
  return services.flatMap(({ ref, labels, spec }) =>
    labels['app.kubernetes.io/part-of'] === 'port80' &&
    labels['app.kubernetes.io/component'] === 'responder' &&
    spec.clusterIP !== 'None'
      ? [{ namespace: ref.namespace, service: ref.name }]
      : [],
  )
}

function besideHeadless({ services }: MeshObjects, { namespace, headless }: Known): ServiceName[] {
  if (headless === undefined) return []
  const places = services.filter(
    ({ ref }) => ref.name === headless && ref.namespace === (namespace ?? ref.namespace),
  )
  return places.flatMap(({ ref, spec }) => {
    const selector = JSON.stringify(Object.entries(spec.selector).sort())
    return services.flatMap((each) => {
      const same =
        each.ref.namespace === ref.namespace &&
        each.spec.clusterIP !== 'None' &&
        JSON.stringify(Object.entries(each.spec.selector).sort()) === selector
      return same ? [{ namespace: ref.namespace, service: each.ref.name }] : []
    })
  })
}

function byRoutes(objects: MeshObjects): ServiceName[] {
  const named = [...virtualServiceRoutes(objects), ...httpRoutes(objects)]
  const distinct = new Map(named.map((each) => [`${each.namespace}/${each.service}`, each]))
  return [...distinct.values()]
}

function virtualServiceRoutes({ virtualServices }: MeshObjects): ServiceName[] {
  return virtualServices.flatMap(({ ref, spec }) =>
    spec.http
      .filter(({ match }) => match.some(({ uri }) => isChallenge(uri?.prefix)))
      .flatMap(({ route }) =>
        route.flatMap(({ destination }) => serviceOf(destination?.host ?? '', ref.namespace)),
      ),
  )
}

function httpRoutes({ httpRoutes }: MeshObjects): ServiceName[] {
  return httpRoutes.flatMap(({ ref, spec }) =>
    spec.rules
      .filter(({ matches }) =>
        matches.some(({ path }) => path?.type === 'PathPrefix' && isChallenge(path.value)),
      )
      .flatMap(({ backendRefs }) =>
        backendRefs.flatMap(({ kind, name, namespace }) =>
          kind === 'Service' ? [{ namespace: namespace || ref.namespace, service: name }] : [],
        ),
      ),
  )
}

function isChallenge(prefix: string | undefined): boolean {
  return prefix === challengePrefix || prefix === `${challengePrefix}/`
}

/** `port80`, `port80.port80` or `port80.port80.svc.cluster.local`; a short name is of the namespace of the route. */
function serviceOf(host: string, namespace: string): ServiceName[] {
  const [service = '', of] = host.split('.')
  if (service === '' || service.includes('*')) return []
  return [{ service, namespace: of ?? namespace }]
}
