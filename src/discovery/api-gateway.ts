/**
 * A Gateway of the Gateway API (gateway.networking.k8s.io/v1) → the certificates that it asks for. Pure.
 * https://gateway-api.sigs.k8s.io/reference/spec/#gateway
 */
import { z } from 'zod'
import type { KubeObject } from '../kube/object.ts'
import { shown, type ObjectRef, type Reading } from './claim.ts'
import { Gathering } from './claims.ts'
import { readWishes } from './wishes.ts'

const reference = z.object({
  group: z.string().default(''),
  kind: z.string().default('Secret'),
  name: z.string(),
  namespace: z.string().optional(),
})
const listener = z.object({
  name: z.string(),
  hostname: z.string().default(''),
  protocol: z.string().default(''),
  tls: z
    .object({ mode: z.string().default('Terminate'), certificateRefs: z.array(reference).default([]) })
    .optional(),
})
const spec = z.object({ listeners: z.array(listener).default([]) })
type Listener = z.output<typeof listener>

/** Label that implementations put on the pods they make for a Gateway (GEP-1762). */
export const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name'

/** `selector`: of the configuration, where the pods do not have the usual label. */
export function readApiGateway(
  object: KubeObject & { readonly spec?: unknown },
  ref: ObjectRef,
  selector: Readonly<Record<string, string>> = { [gatewayNameLabel]: ref.name },
): Reading {
  const gathering = new Gathering(ref, readWishes(object.metadata))
  const parsed = spec.safeParse(object.spec ?? {})
  if (!parsed.success) {
    gathering.fault('its spec is not one of gateway.networking.k8s.io/v1')
    return gathering.reading()
  }
  for (const each of parsed.data.listeners) readListener(each, { ref, selector, gathering })
  return gathering.reading()
}

interface Reader {
  readonly ref: ObjectRef
  readonly selector: Readonly<Record<string, string>>
  readonly gathering: Gathering
}

function readListener({ name, hostname, tls }: Listener, { ref, selector, gathering }: Reader): void {
  const label = `listener ${shown(name)}`
  if (!tls || tls.certificateRefs.length === 0) return
  if (tls.mode !== 'Terminate') {
    gathering.note(`${label} has tls.mode ${shown(tls.mode)}, which uses no certificate of a Secret`)
    return
  }
  if (hostname === '') {
    gathering.note(`${label} has no hostname: it takes every host, and a certificate lists its names`)
    return
  }
  const secrets = tls.certificateRefs.filter(({ group, kind }) => group === '' && kind === 'Secret')
  if (secrets.length < tls.certificateRefs.length) {
    gathering.note(`${label} refers to something that is no Secret: nothing is written for that`)
  }
  const references = secrets.map(({ name: secret, namespace = ref.namespace }) => ({
    secret,
    place: { by: 'reference', namespace, selector } as const,
  }))
  gathering.add({ hosts: [hostname], references })
}
