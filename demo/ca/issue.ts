/** From an accepted request to a certificate. */
import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as x509 from '@peculiar/x509'
import { certificateId } from './certificate-id.ts'
import { AcmeProblem } from './problem.ts'
import type { Ca } from './request.ts'
import type { Order } from './state.ts'

/** Makes the order valid, or invalid with its error; never rejects. `order.csr` is checked and set before. */
export async function issueFor(ca: Ca, order: Order): Promise<void> {
  try {
    if (ca.settings.issuePauseMs > 0)
      await sleep(ca.settings.issuePauseMs, undefined, { signal: ca.stopping })
    await issue(ca, order)
  } catch (error) {
    if (ca.stopping.aborted) return // the next run of the CA goes on with it
    const detail = `Issuing failed: ${error instanceof Error ? error.message : 'unknown'}`
    order.error = new AcmeProblem('serverInternal', detail).document
  }
  ca.state.touch()
}

async function issue(ca: Ca, order: Order): Promise<void> {
  const request = new x509.Pkcs10CertificateRequest(Buffer.from(order.csr ?? '', 'base64'))
  const profile = order.profile === undefined ? undefined : ca.settings.profiles[order.profile]
  const lifetimeMs = (profile?.lifetimeSeconds ?? ca.settings.lifetimeSeconds) * 1_000
  const now = Date.now()
  const leafPem = await ca.authority.issue({
    publicKey: request.publicKey,
    identifiers: order.identifiers,
    notBefore: now,
    notAfter: now + lifetimeMs,
  })
  const leaf = new X509Certificate(leafPem)
  const serial = leaf.serialNumber
  const { identifiers } = order
  ca.state.certificates.set(serial, {
    id: serial,
    accountId: order.accountId,
    orderId: order.id,
    identifiers,
    leafPem,
    serial,
    certId: certificateId(leafPem),
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
  })
  order.certificateId = serial
  ca.stats.certificates += 1
  ca.emit({ kind: 'certificate', identifiers, serial, notAfter: leaf.validToDate.getTime() })
}
