/** P80-109: the gateway speaks HTTP/2 to the port of a responder that speaks HTTP/1.1. Pure. */
import type { Finding } from '../../finding/finding.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { http2By } from '../istio/port-protocol.ts'
import { portsOfRoutes, serviceOf } from '../istio/responder.ts'
import { patched } from '../kubectl-command.ts'
import type { Rule } from '../objects.ts'

export const http2Port: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host) => {
    const { responder } = scope
    const service = responder && serviceOf(objects, responder)
    if (!responder || !service) return []
    const routed = portsOfRoutes(objects, responder)
    return service.spec.ports.flatMap((port, index): Finding[] => {
      const by = http2By(port)
      // Without a port a route means the only one there is.
      const used = routed.size === 0 || routed.has(port.port) || service.spec.ports.length === 1
      if (by === undefined || !used) return []
      const path = `/spec/ports/${index}/appProtocol`
      return [
        {
          code: 'P80-109',
          object: { ...service.ref, field: `spec.ports[${index}].${by}` },
          host,
          seen: seen(
            `${port[by]}: the gateway speaks HTTP/2 to it for ${host}, and the responder HTTP/1.1 only`,
          ),
          fix: { do: 'run', command: patched(service.ref, 'Service', [{ op: 'add', path, value: 'http' }]) },
        },
      ]
    })
  })
