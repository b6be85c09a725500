/**
 * A Gateway of Istio (networking.istio.io/v1) → the certificates that it asks for. Pure.
 * https://istio.io/latest/docs/reference/config/networking/gateway/
 */
import { z } from 'zod'
import type { KubeObject } from '../kube/object.ts'
import { shown, type ObjectRef, type Reading } from './claim.ts'
import { Gathering } from './claims.ts'
import { readWishes } from './wishes.ts'

const tls = z.object({
  /** Left out it is PASSTHROUGH, the enum's zero. */
  mode: z.string().default('PASSTHROUGH'),
  credentialName: z.string().default(''),
  credentialNames: z.array(z.string()).default([]),
  httpsRedirect: z.boolean().default(false),
})
const server = z.object({
  name: z.string().default(''),
  port: z.object({ number: z.number().default(0) }).default({ number: 0 }),
  hosts: z.array(z.string()).default([]),
  tls: tls.optional(),
})
const spec = z.object({
  selector: z.record(z.string(), z.string()).default({}),
  servers: z.array(server).default([]),
})
type Server = z.output<typeof server>

/** Modes in which the server shows a certificate from a Secret; MUTUAL takes the client CA from `ca.crt`, never written. */
const terminating = ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL']

/** `fallback`: the selector of the configuration, for a Gateway without one of its own. */
export function readIstioGateway(
  object: KubeObject & { readonly spec?: unknown },
  ref: ObjectRef,
  fallback: Readonly<Record<string, string>> | undefined,
): Reading {
  const gathering = new Gathering(ref, readWishes(object.metadata))
  const parsed = spec.safeParse(object.spec ?? {})
  if (!parsed.success) {
    gathering.fault(`its spec is not one of networking.istio.io/v1 (at ${pathOf(parsed.error)})`)
    return gathering.reading()
  }
  const own = parsed.data.selector
  const selector = Object.keys(own).length > 0 ? own : fallback
  if (selector === undefined) {
    // To Istio that means every pod of the mesh.
    gathering.fault('has no selector, so that no pod can be told for a gateway; write spec.selector')
    return gathering.reading()
  }
  for (const each of parsed.data.servers) readServer(each, selector, gathering)
  return gathering.reading()
}

function readServer(
  { name, port, hosts, tls }: Server,
  selector: Readonly<Record<string, string>>,
  gathering: Gathering,
): void {
  if (!tls) return
  const label = name === '' ? `server on port ${port.number}` : `server ${shown(name)}`
  const secrets = tls.credentialName === '' ? tls.credentialNames : [tls.credentialName]
  if (tls.httpsRedirect) {
    gathering.note(
      `${label} has httpsRedirect, which answers before any route does: no challenge gets through on that port; take it out`,
    )
  }
  if (secrets.length === 0) return
  if (!terminating.includes(tls.mode)) {
    gathering.note(`${label} has tls.mode ${shown(tls.mode)}, which uses no certificate of a Secret`)
    return
  }
  gathering.add({
    hosts,
    references: secrets.map((secret) => ({ secret, place: { by: 'pods', selector } })),
  })
}

function pathOf(error: z.ZodError): string {
  return (error.issues[0]?.path ?? []).map(String).join('.').slice(0, 100) || 'spec'
}
