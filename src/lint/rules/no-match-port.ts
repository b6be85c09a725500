/**
 * P80-103: a VirtualService for https is on port 80 too, beside the redirect of port80, since its Gateway has both ports and
 * its routes say none. Pure. The challenge is kept (P80-102 and P80-104 are of that); also where the redirect goes first
 * today: of two routes for everything that of the older Gateway does, and that is nothing to build on.
 */
import type { Finding } from '../../finding/finding.ts'
import { challengePath, isCatchAll } from '../istio/challenge-match.ts'
import { httpsPortOf, keptToPort } from '../istio/for-https.ts'
import { forEachHost, seen } from '../istio/found.ts'
import {
  isPlain80,
  serversAt,
  taking,
  virtualHost,
  type RoutePlace,
  type View,
} from '../istio/virtual-host.ts'
import { patched } from '../kubectl-command.ts'
import type { Rule } from '../objects.ts'

export const noMatchPort: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, view) => {
    const found = virtualHost(view, serversAt(view, isPlain80), host)
    if (!found || found.redirects.length > 0) return []
    const { routes } = found
    const challenge = taking(routes, { scheme: 'http', host, path: challengePath })
    if (challenge === undefined || challenge === 'unsure' || !challenge.toResponder) return []
    const ours = new Set(routes.flatMap(({ toResponder, service }) => (toResponder ? [service] : [])))
    if (!routes.some(({ service, match }) => ours.has(service) && isCatchAll(match))) return []
    const others = routes.filter(({ service, route }) => !ours.has(service) && route.route.length > 0)
    const first = others.filter(
      ({ service }, index) => others.findIndex((one) => one.service === service) === index,
    )
    return first.flatMap((place) => findingOf(place, { host, view, routes }))
  })

interface About {
  readonly host: string
  readonly view: View
  readonly routes: readonly RoutePlace[]
}

function findingOf(place: RoutePlace, { host, view, routes }: About): Finding[] {
  const { service, index, at, match } = place
  const port = httpsPortOf(service, host, view)
  if (port === undefined) return []
  const sure = !isCatchAll(match) || taking(routes, { scheme: 'http', host, path: '/' }) === place
  const gateway = `Gateway ${at.gateway.ref.namespace}/${at.gateway.ref.name}`
  return [
    {
      code: 'P80-103',
      object: { ...service.ref, field: `spec.http[${index}]` },
      host,
      seen: seen(
        `no match.port, and ${gateway} has port 80 too: http of ${host} ${sure ? 'is' : 'may be'} answered and not redirected`,
      ),
      fix: {
        do: 'run',
        command: patched(service.ref, 'VirtualService', keptToPort(service, port)),
      },
    },
  ]
}
