/** RFC 9773 §4.1: how a certificate is named without its contents. Pure. */
import { X509Certificate } from '@peculiar/x509'

const authorityKeyOid = '2.5.29.35'

/** base64url(AKI keyIdentifier).base64url(serial), the serial as in DER: with a 00 before a set top bit. */
export function certificateId(leafPem: string): string {
  const leaf = new X509Certificate(leafPem)
  const extension = leaf.getExtension(authorityKeyOid) as { readonly keyId?: string } | null
  const serial = Buffer.from(leaf.serialNumber, 'hex')
  const top = serial[0] ?? 0
  const content = top > 0x7f ? Buffer.concat([Buffer.alloc(1), serial]) : serial
  return `${Buffer.from(extension?.keyId ?? '', 'hex').toString('base64url')}.${content.toString('base64url')}`
}

const form = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

export function isCertificateId(text: string): boolean {
  return form.test(text)
}
