/**
 * P80-106: an HTTPRoute sends http to https with 302, which is what the Gateway API does where nothing is said. Pure. Not of
 * Istio's VirtualServices, where the default is 301 and a 302 was written by somebody; nor of the routes of port80's chart,
 * whose values say it.
 */
import type { Finding } from '../../finding/finding.ts'
import { attachments, isOutdone, isParentKnown, type HttpRoute } from '../gateway-api/attached.ts'
import { hostnameFor } from '../gateway-api/hostnames.ts'
import { redirectsToHttps } from '../gateway-api/redirects.ts'
import { once, seen } from '../istio/found.ts'
import { patched } from '../kubectl-command.ts'
import type { MeshObjects, Rule } from '../objects.ts'

export const temporaryRedirect: Rule = (objects, { managed }) =>
  once(
    managed.hosts.flatMap((host) =>
      objects.httpRoutes
        .filter((route) => !isOfChart(route) && hasHost(route, host, objects))
        .flatMap((route) => redirectsOf(route, host)),
    ),
  )

const isOfChart = ({ labels }: HttpRoute) => labels['app.kubernetes.io/part-of'] === 'port80'

/** On some listener for http; where no Gateway of it is known, its hostnames have to say so. */
function hasHost(route: HttpRoute, host: string, objects: MeshObjects): boolean {
  if (!isParentKnown(route, objects)) return (hostnameFor(route.spec.hostnames, host) ?? '*') !== '*'
  return attachments(route, host, objects).some(
    (at) => at.listener.protocol.toUpperCase() === 'HTTP' && !isOutdone(route, host, at, objects),
  )
}

function redirectsOf(route: HttpRoute, host: string): Finding[] {
  return redirectsToHttps(route).flatMap(
    ({ rule, filter, redirect: { statusCode, path: to } }): Finding[] => {
      // To another page: that may well be for now only.
      if (to !== undefined && to !== null) return []
      if (statusCode !== 0 && statusCode !== 302) return []
      const path = `/spec/rules/${rule}/filters/${filter}/requestRedirect/statusCode`
      const field = `spec.rules[${rule}].filters[${filter}].requestRedirect.statusCode`
      const said = statusCode === 0 ? 'is not said, which means 302' : 'is 302'
      return [
        {
          code: 'P80-106',
          object: { ...route.ref, field },
          host,
          seen: seen(`${said}: http of ${host} asks again with every visit`),
          fix: { do: 'run', command: patched(route.ref, 'HTTPRoute', [{ op: 'add', path, value: 301 }]) },
        },
      ]
    },
  )
}
