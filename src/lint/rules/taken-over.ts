/**
 * P80-102: port80 has the host on port 80 in a wider virtual host only (`*`), and VirtualServices of others make one that
 * is more specific. Pure.
 */
import type { Finding } from '../../finding/finding.ts'
import { challengePath } from '../istio/challenge-match.ts'
import { httpsPortOf, keptToPort } from '../istio/for-https.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { narrowest } from '../istio/host-pattern.ts'
import type { Responder } from '../istio/responder.ts'
import {
  isPlain80,
  serversAt,
  taking,
  virtualHost,
  virtualHosts,
  type RoutePlace,
  type VirtualHost,
  type View,
} from '../istio/virtual-host.ts'
import { patched } from '../kubectl-command.ts'
import type { Rule } from '../objects.ts'
import { challengeFirst } from './lost-prefix.ts'

export const takenOver: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, view) => {
    const { responder } = scope
    const found = virtualHost(view, serversAt(view, isPlain80), host)
    if (!responder || !found || found.redirects.length > 0) return []
    const wider = patternOfOurs(view, host)
    if (wider === undefined || found.routes.some(({ toResponder }) => toResponder)) return []
    return accusedIn(found, { host, view, wider, responder })
  })

/** The narrowest virtual host for it that leads to port80. */
function patternOfOurs(view: View, host: string): string | undefined {
  const hosts = virtualHosts(view, serversAt(view, isPlain80))
  const ours = [...hosts].filter(([, { routes }]) => routes.some(({ toResponder }) => toResponder))
  return narrowest(
    ours.map(([pattern]) => pattern),
    host,
  )
}

interface About {
  readonly host: string
  readonly view: View
  /** What port80 has the host as. */
  readonly wider: string
  readonly responder: Responder
}

/** Where all of them are for https, each is kept to it; else the one that answers lets the challenge go first. */
function accusedIn({ pattern, routes }: VirtualHost, about: About): Finding[] {
  const { host, view, wider, responder } = about
  const first = routes.filter(
    ({ service }, index) => routes.findIndex((one) => one.service === service) === index,
  )
  const words = `has ${pattern} on port 80 of ${host}, which port80 has as ${wider} only`
  const findingOf = ({ service: { ref } }: RoutePlace, more: string, command: string): Finding => ({
    code: 'P80-102',
    object: { ...ref, field: 'spec.hosts' },
    host,
    seen: seen(`${words}${more}`),
    fix: { do: 'run', command },
  })
  const ports = first.map(({ service }) => httpsPortOf(service, host, view))
  if (!ports.includes(undefined))
    return first.map((place, index) => {
      const operations = keptToPort(place.service, ports[index] ?? 443)
      return findingOf(place, '; no match.port', patched(place.service.ref, 'VirtualService', operations))
    })
  const answering = taking(routes, { scheme: 'http', host, path: challengePath })
  const at = answering ?? routes[0]
  if (at === undefined || at === 'unsure') return []
  return [findingOf(at, '', challengeFirst(at, view.objects, responder))]
}
