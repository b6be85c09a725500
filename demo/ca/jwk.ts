/** Public keys as they come in a JWS header: checked, reduced to their public members, named. Pure. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { AcmeProblem } from './problem.ts'

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/)
const jwkSchema = z.union([
  z.object({ kty: z.literal('EC'), crv: z.enum(['P-256', 'P-384']), x: base64url, y: base64url }),
  z.object({ kty: z.literal('RSA'), n: base64url, e: base64url }),
])
/** Exactly the members that RFC 7638 hashes; whatever else the client sent is dropped. */
export type PublicJwk = z.infer<typeof jwkSchema>

export const algorithms = ['ES256', 'ES384', 'RS256'] as const
export type Algorithm = (typeof algorithms)[number]

/** The key, or badPublicKey. A private member in it is refused: somebody has just published their account key. */
export function readJwk(value: unknown): PublicJwk {
  const parsed = jwkSchema.safeParse(value)
  if (!parsed.success) throw badKey('The key is not EC P-256, EC P-384 or RSA')
  if (typeof value === 'object' && value !== null && 'd' in value) throw badKey('The key is a private key')
  const bits = keyObject(parsed.data).asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && (bits < 2048 || bits > 4096))
    throw badKey(`RSA keys have 2048 to 4096 bits, not ${bits}`)
  return parsed.data
}

/** RFC 7638 SHA-256 thumbprint, base64url: members in lexicographic order, no white space. */
export function thumbprint(jwk: PublicJwk): string {
  const canonical =
    jwk.kty === 'EC'
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
      : { e: jwk.e, kty: jwk.kty, n: jwk.n }
  return createHash('sha256').update(JSON.stringify(canonical)).digest('base64url')
}

export function keyObject(jwk: PublicJwk): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    throw badKey('The key cannot be read')
  }
}

/** The only algorithm that a key of this kind signs with here (RFC 7518 §3.1). */
export function algorithmOf(jwk: PublicJwk): Algorithm {
  if (jwk.kty === 'RSA') return 'RS256'
  return jwk.crv === 'P-256' ? 'ES256' : 'ES384'
}

function badKey(detail: string): AcmeProblem {
  return new AcmeProblem('badPublicKey', detail)
}
