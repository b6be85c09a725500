/**
 * Which replica answered a look of our own. Pure. The tokens of looks are told from those of a CA by their beginning; only
 * they are answered with a header more, signed with the key authorization, so that nobody says it who does not know it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What tokens of looks begin with: they are unguessable, and no CA's. */
export const lookPrefix = 'look-'
/** `NAME SIGNATURE`; in lower case, as Node gives it. */
export const replicaHeader = 'port80-replica'

/** A host name: of a pod, or of a machine (RFC 1123). Anything else has no name to show. */
const nameSyntax = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/

/** Value of the header; undefined for a replica without a name that can be shown. */
export function signReplica(name: string, keyAuthorization: string): string | undefined {
  return nameSyntax.test(name) ? `${name} ${signature(name, keyAuthorization)}` : undefined
}

/** The name, where it was signed by somebody who knows the key authorization. */
export function signedReplica(value: string, keyAuthorization: string): string | undefined {
  const [name = '', signed = '', ...more] = value.split(' ')
  if (more.length > 0 || !nameSyntax.test(name)) return undefined
  const [wanted, given] = [Buffer.from(signature(name, keyAuthorization)), Buffer.from(signed)]
  return wanted.length === given.length && timingSafeEqual(wanted, given) ? name : undefined
}

function signature(name: string, keyAuthorization: string): string {
  return createHmac('sha256', keyAuthorization).update(`port80 replica ${name}`).digest('base64url')
}
