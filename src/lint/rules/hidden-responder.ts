/** P80-110: the Service of port80 is not exported to the gateway. Pure. (Sidecar objects hide nothing from gateways.) */
import type { Finding } from '../../finding/finding.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { serviceOf } from '../istio/responder.ts'
import { visibilityTo } from '../istio/visibility.ts'
import { kubectl } from '../kubectl-command.ts'
import type { Rule } from '../objects.ts'

const annotation = 'networking.istio.io/exportTo'

export const hiddenResponder: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, { edge }): Finding[] => {
    const service = scope.responder && serviceOf(objects, scope.responder)
    const written = service?.annotations[annotation]
    if (!service || written === undefined || edge.namespace === undefined) return []
    const exportTo = written.split(',').map((part) => part.trim())
    if (visibilityTo(exportTo, service.ref.namespace, edge.namespace) !== 'none') return []
    return [
      {
        code: 'P80-110',
        object: { ...service.ref, field: `metadata.annotations[${annotation}]` },
        host,
        seen: seen(`${written} keeps it from the gateway of ${host} in ${edge.namespace}`),
        fix: { do: 'run', command: kubectl(service.ref, 'Service', 'annotate', `${annotation}-`) },
      },
    ]
  })
