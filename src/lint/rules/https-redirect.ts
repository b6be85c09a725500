/** P80-101: `httpsRedirect` of a server whose virtual host a managed host shares. Pure. */
import type { Finding } from '../../finding/finding.ts'
import { bare } from '../istio/host-pattern.ts'
import { forEachHost, seen } from '../istio/found.ts'
import {
  isPlain80,
  serversAt,
  virtualHost,
  type ServerPlace,
  type VirtualHost,
} from '../istio/virtual-host.ts'
import { patched } from '../kubectl-command.ts'
import type { LintScope, Rule } from '../objects.ts'

export const httpsRedirect: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, view) => {
    const found = virtualHost(view, serversAt(view, isPlain80), host)
    if (!found || !isSure(found, host, scope)) return []
    return found.redirects.map((at) => findingOf(at, host))
  })

/** A wider virtual host may yet lose the host to a VirtualService that was not given. */
function isSure({ pattern, routes }: VirtualHost, host: string, { whole }: LintScope): boolean {
  return pattern === host || routes.some(({ toResponder }) => toResponder) || whole.has('virtualServices')
}

function findingOf({ gateway, index, server }: ServerPlace, host: string): Finding {
  const hosts = server.hosts.map(bare).includes(host) ? '' : ', which comes in here by a VirtualService'
  return {
    code: 'P80-101',
    object: { ...gateway.ref, field: `spec.servers[${index}].tls.httpsRedirect` },
    host,
    seen: seen(`port 80 of ${host} redirects before any route${hosts}`),
    fix: {
      do: 'run',
      command: patched(gateway.ref, 'Gateway', [{ op: 'remove', path: `/spec/servers/${index}/tls` }]),
    },
  }
}
