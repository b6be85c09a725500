/** The signed envelope of every ACME request (RFC 8555 §6.2: flattened JSON, RFC 7515). Pure. */
import { verify } from 'node:crypto'
import { z } from 'zod'
import { algorithmOf, algorithms, keyObject, readJwk, type Algorithm, type PublicJwk } from './jwk.ts'
import { AcmeProblem } from './problem.ts'

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/)
// Strict: an unprotected `header` or a general serialization with `signatures` must be refused (§6.2).
const envelope = z.strictObject({
  protected: base64url,
  payload: z.union([base64url, z.literal('')]),
  signature: base64url,
})
const header = z.object({
  alg: z.string(),
  url: z.string(),
  nonce: z.string().optional(),
  kid: z.string().optional(),
  jwk: z.unknown().optional(),
})

export interface Jws {
  readonly algorithm: Algorithm
  readonly url: string
  readonly nonce?: string
  /** Exactly one of the two is there. */
  readonly kid?: string
  readonly jwk?: PublicJwk
  /** Undefined for POST-as-GET (§6.3), where the payload is the empty string. */
  readonly payload: unknown
  readonly signingInput: string
  readonly signature: Buffer
}

/** The envelope with its header read and nothing verified yet; malformed, badSignatureAlgorithm or badPublicKey. */
export function parseJws(body: unknown): Jws {
  const outer = envelope.safeParse(body)
  if (!outer.success) throw malformed('The request is not a flattened JWS with protected, payload, signature')
  const parts = outer.data
  const inner = header.safeParse(decodeJson(parts.protected, 'protected header'))
  if (!inner.success) throw malformed('The protected header needs alg and url, as strings')
  const { alg, url, nonce, kid, jwk } = inner.data
  const algorithm = algorithms.find((each) => each === alg)
  if (!algorithm) {
    const detail = `Signatures are ${algorithms.join(', ')}, not ${JSON.stringify(alg.slice(0, 20))}`
    throw new AcmeProblem('badSignatureAlgorithm', detail, { algorithms })
  }
  if ((kid === undefined) === (jwk === undefined))
    throw malformed('The protected header needs exactly one of kid and jwk')
  return {
    algorithm,
    url,
    ...(nonce !== undefined && { nonce }),
    ...(kid !== undefined && { kid }),
    ...(jwk !== undefined && { jwk: readJwk(jwk) }),
    payload: parts.payload === '' ? undefined : decodeJson(parts.payload, 'payload'),
    signingInput: `${parts.protected}.${parts.payload}`,
    signature: Buffer.from(parts.signature, 'base64url'),
  }
}

/** Throws unless the JWS is signed by this key with the algorithm that belongs to it. */
export function verifyJws(jws: Jws, key: PublicJwk): void {
  if (jws.algorithm !== algorithmOf(key))
    throw malformed(`This key signs with ${algorithmOf(key)}, the header says ${jws.algorithm}`)
  const digest = jws.algorithm === 'ES384' ? 'sha384' : 'sha256'
  const verifier = { key: keyObject(key), dsaEncoding: 'ieee-p1363' } as const
  if (!verify(digest, Buffer.from(jws.signingInput), verifier, jws.signature))
    throw malformed('The signature does not verify')
}

function decodeJson(text: string, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown
  } catch {
    throw malformed(`The ${what} is not JSON`)
  }
}

function malformed(detail: string): AcmeProblem {
  return new AcmeProblem('malformed', detail)
}
