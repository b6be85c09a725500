/**
 * Whether a Gateway may name a Secret of another namespace: whoever owns that namespace says so with a ReferenceGrant. A
 * gateway does not read the Secret without one, and writing it on the word of another namespace would be worse. Pure.
 * https://gateway-api.sigs.k8s.io/reference/spec/#referencegrant
 */
import { z } from 'zod'
import type { KubeObject } from '../kube/object.ts'

/** From Gateways of these namespaces to Secrets of this one; without `secret` to all of them. */
export interface Grant {
  readonly from: string
  readonly to: string
  readonly secret?: string
}

const spec = z.object({
  from: z.array(z.object({ group: z.string(), kind: z.string(), namespace: z.string() })),
  to: z.array(z.object({ group: z.string(), kind: z.string(), name: z.string().optional() })),
})

/** Those that concern Gateways and Secrets; an object that cannot be read grants nothing. */
export function readGrants(object: KubeObject & { readonly spec?: unknown }): Grant[] {
  const parsed = spec.safeParse(object.spec)
  const to = object.metadata.namespace
  if (!parsed.success || to === undefined) return []
  const gateways = parsed.data.from.filter(
    ({ group, kind }) => group === 'gateway.networking.k8s.io' && kind === 'Gateway',
  )
  const secrets = parsed.data.to.filter(({ group, kind }) => group === '' && kind === 'Secret')
  return gateways.flatMap(({ namespace: from }) =>
    secrets.map(({ name }) => ({ from, to, ...(name !== undefined && name !== '' && { secret: name }) })),
  )
}

export function isGranted(
  grants: readonly Grant[],
  wanted: { readonly from: string; readonly to: string; readonly secret: string },
): boolean {
  const { from, to, secret } = wanted
  if (from === to) return true
  return grants.some((each) => each.from === from && each.to === to && (each.secret ?? secret) === secret)
}
