/** Acts on a certificate: RFC 8555 §7.4.2 download, §7.6 revocation, RFC 9773 §4 renewal information. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { Port80Failure } from '../reason.ts'
import { linksOf } from './link-header.ts'
import { unusable } from './network-failure.ts'
import type { RenewalInfo } from './renewal-info.ts'
import { readRenewalInfo } from './resources.ts'
import { headerOf } from './signed-requests.ts'
import { accountUrl, contextOf, asAccount, type Wire } from './wire.ts'

export interface Revocation {
  /** The certificate to revoke is the first of it. */
  readonly chainPem: string
  /** RFC 5280 §5.3.1 code. */
  readonly reason?: number | undefined
  /** Signs with the key of the certificate instead of the account (RFC 8555 §7.6): the account may be another by now. */
  readonly certificateKeyPem?: string | undefined
}

export interface CertificateRequests {
  /** The default chain, unchecked, and the URLs of the alternates. */
  certificate(url: string, signal: AbortSignal): Promise<{ chainPem: string; alternates: readonly string[] }>
  /** Throws AcmeAlreadyRevoked when it is revoked. */
  revoke(revocation: Revocation, signal: AbortSignal): Promise<void>
  /** Unsigned. A CA without renewal information is CaAnswerUnusable with a `retryAt` in half a day, and is not asked. */
  renewalInfo(certId: string, signal: AbortSignal): Promise<RenewalInfo>
}

const noRenewalInfoMs = 12 * 3_600_000

export function certificateRequests(wire: Wire): CertificateRequests {
  return {
    certificate: (url, signal) => certificate(wire, url, signal),
    revoke: (revocation, signal) => revoke(wire, revocation, signal),
    renewalInfo: (certId, signal) => renewalInfo(wire, certId, signal),
  }
}

async function certificate(
  wire: Wire,
  url: string,
  signal: AbortSignal,
): Promise<{ chainPem: string; alternates: readonly string[] }> {
  const result = await asAccount(wire, { action: 'certificate', url, signal, missing: 'OrderLost' })
  if (typeof result.body !== 'string' || !result.body.includes('-----BEGIN CERTIFICATE-----')) {
    throw unusable('certificate: the answer is not a PEM chain')
  }
  return { chainPem: result.body, alternates: linksOf(headerOf(result, 'link'), 'alternate', url) }
}

async function revoke(wire: Wire, revocation: Revocation, signal: AbortSignal): Promise<void> {
  const { chainPem, reason, certificateKeyPem } = revocation
  const { revokeCert: url } = await wire.directory.read(signal)
  const payload = {
    certificate: new X509Certificate(chainPem).raw.toString('base64url'),
    ...(reason !== undefined && { reason }),
  }
  const signedBy =
    certificateKeyPem === undefined ? { kid: accountUrl(wire) } : { key: createPrivateKey(certificateKeyPem) }
  await wire.requests.post({ action: 'revokeCert', url, payload, signal, signedBy })
}

async function renewalInfo(wire: Wire, certId: string, signal: AbortSignal): Promise<RenewalInfo> {
  const { renewalInfo: base } = await wire.directory.read(signal)
  if (base === undefined) {
    throw new Port80Failure({
      reason: 'CaAnswerUnusable',
      detail: 'the CA offers no renewal information (RFC 9773)',
      retryAt: wire.now() + noRenewalInfoMs,
    })
  }
  const url = `${base.replace(/\/$/, '')}/${certId}`
  const result = await wire.requests.get('renewalInfo', url, signal)
  return readRenewalInfo(result.body, contextOf(wire, 'renewalInfo', url, result))
}
