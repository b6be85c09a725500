/** Download (RFC 8555 §7.4.2) and revocation (§7.6) of certificates. */
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { thumbprint } from './jwk.ts'
import { authorizationStatus } from './order-status.ts'
import { keyOf } from './identifier.ts'
import { AcmeProblem } from './problem.ts'
import { link, notFound, owned, payloadOf, type AcmeRequest, type Ca, type Handler } from './request.ts'
import type { Certificate } from './state.ts'

/** Leaf and intermediate; `/certificate/SERIAL` is the default chain, `/certificate/SERIAL/1` the first alternate. */
export const certificate: Handler = (ca, request) => {
  const [id = '', alternate] = request.id.split('/')
  const own = owned(ca.state.certificates, { ...request, id })
  const chain = ca.authority.chainPem(own.leafPem, alternate === undefined ? 0 : Number(alternate))
  if (chain === undefined) throw notFound()
  const others = Array.from({ length: ca.authority.chains - 1 }, (_, index) =>
    link(`${ca.origin}/certificate/${id}/${index + 1}`, 'alternate'),
  )
  return {
    status: 200,
    contentType: 'application/pem-certificate-chain',
    headers: { Link: others },
    body: chain,
  }
}

const revokePayload = z.object({ certificate: z.string().min(1), reason: z.number().optional() })
/** RFC 5280 §5.3.1, as far as subscribers may say so: unspecified, key, affiliation, superseded, cessation. */
const reasons = [0, 1, 3, 4, 5]

export const revokeCert: Handler = (ca, request) => {
  const payload = payloadOf(revokePayload, request)
  const found = findByDer(ca, Buffer.from(payload.certificate, 'base64url'))
  if (!found) throw notFound()
  if (!mayRevoke(ca, request, found))
    throw new AcmeProblem('unauthorized', 'Neither the account nor the key may revoke this certificate')
  if (payload.reason !== undefined && !reasons.includes(payload.reason))
    throw new AcmeProblem('badRevocationReason', `Reasons are ${reasons.join(', ')}`)
  if (found.revokedAt !== undefined) throw new AcmeProblem('alreadyRevoked', 'It was revoked before')
  found.revokedAt = Date.now()
  ca.state.touch()
  ca.stats.revocations += 1
  ca.emit({ kind: 'revocation', serial: found.serial })
  return { status: 200 }
}

function findByDer(ca: Ca, der: Buffer): Certificate | undefined {
  try {
    const asked = new X509Certificate(der)
    const found = ca.state.certificates.get(asked.serialNumber)
    return found && new X509Certificate(found.leafPem).raw.equals(asked.raw) ? found : undefined
  } catch {
    throw new AcmeProblem('malformed', 'The certificate is not X.509 in DER')
  }
}

/** §7.6: the account that ordered it, an account with authorizations for every name in it, or its own key. */
function mayRevoke(ca: Ca, request: AcmeRequest, certificate: Certificate): boolean {
  const { account, jws } = request
  if (!account) {
    const key = new X509Certificate(certificate.leafPem).publicKey.export({ format: 'jwk' })
    return jws?.jwk !== undefined && thumbprint(jws.jwk) === thumbprint(key as typeof jws.jwk)
  }
  if (account.id === certificate.accountId) return true
  const held = [...ca.state.authorizations.values()].filter(
    (each) => each.accountId === account.id && authorizationStatus(each, Date.now()) === 'valid',
  )
  const names = new Set(held.map((each) => keyOf(each.identifier)))
  return certificate.identifiers.every((identifier) => names.has(keyOf(identifier)))
}
