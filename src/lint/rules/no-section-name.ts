/**
 * P80-107: an HTTPRoute that redirects to https is on the listener for https too, since it names none. Pure.
 */
import type { Finding } from '../../finding/finding.ts'
import type { Attachment, HttpRoute } from '../gateway-api/attached.ts'
import { inLoops } from '../gateway-api/loops.ts'
import { seen } from '../istio/found.ts'
import { patched, type JsonPatch } from '../kubectl-command.ts'
import type { Rule } from '../objects.ts'

export const noSectionName: Rule = (objects, scope) =>
  inLoops(objects, scope, ({ route, host, at, plain, isNamed }) =>
    isNamed || plain.length === 0 ? [] : [findingOf(route, host, at, plain)],
  )

function findingOf(
  { ref, spec }: HttpRoute,
  host: string,
  { parent, gateway, listener }: Attachment,
  plain: readonly Attachment[],
): Finding {
  const path = `/spec/parentRefs/${parent}`
  const { name } = gateway.ref
  const [first, ...others] = plain.map((at) => at.listener.name)
  const operations: JsonPatch[] = [
    { op: 'add', path: `${path}/sectionName`, value: first },
    ...others.map((sectionName): JsonPatch => {
      const { namespace } = spec.parentRefs[parent] ?? {}
      return {
        op: 'add',
        path: '/spec/parentRefs/-',
        value: { name, ...(namespace && { namespace }), sectionName },
      }
    }),
  ]
  return {
    code: 'P80-107',
    object: { ...ref, field: `spec.parentRefs[${parent}]` },
    host,
    seen: seen(
      `no sectionName: https of ${host} is redirected to https once more on listener ${listener.name} of Gateway ${gateway.ref.namespace}/${name}`,
    ),
    fix: { do: 'run', command: patched(ref, 'HTTPRoute', operations) },
  }
}
