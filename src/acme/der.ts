/**
 * The little of DER (X.690 §8, §10) that RFC 9773 §4.1 needs of a certificate: serial number and authority key identifier.
 * Pure. @peculiar/x509 can do this too, but loading it costs 90 ms and 14 MB in a process that may order nothing for
 * weeks, and node:crypto gives neither the AKI nor the leading zero of a serial.
 */

interface Element {
  readonly tag: number
  readonly content: Buffer
}

const tags = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30, keyIdentifier: 0x80, extensions: 0xa3 }
/** 2.5.29.35 */
const authorityKeyIdentifier = Buffer.from([0x55, 0x1d, 0x23])

/** Contents of serial number (sign byte included) and AKI keyIdentifier; undefined when the certificate has none. */
export function serialAndAki(certificate: Buffer): { serial: Buffer; aki: Buffer } | undefined {
  const [outer] = elements(certificate)
  const [body] = outer ? elements(outer.content) : []
  const parts = body ? elements(body.content) : []
  const serial = parts.find(({ tag }) => tag === tags.integer)?.content
  const [list] = elements(parts.find(({ tag }) => tag === tags.extensions)?.content ?? Buffer.alloc(0))
  const aki = list && elements(list.content).map(akiOf).find(Boolean)
  return serial && aki ? { serial, aki } : undefined
}

/** Extension ::= SEQUENCE { OID, [critical BOOLEAN], OCTET STRING { AuthorityKeyIdentifier } } (RFC 5280 §4.2.1.1). */
function akiOf(extension: Element): Buffer | undefined {
  const parts = elements(extension.content)
  if (!parts.some(({ tag, content }) => tag === tags.oid && content.equals(authorityKeyIdentifier)))
    return undefined
  const [value] = elements(parts.find(({ tag }) => tag === tags.octets)?.content ?? Buffer.alloc(0))
  return value && elements(value.content).find(({ tag }) => tag === tags.keyIdentifier)?.content
}

/** Sibling elements; what is cut off or uses long tags (certificates have none) ends the list. */
function elements(der: Buffer): Element[] {
  const found: Element[] = []
  let at = 0
  while (at + 2 <= der.length) {
    const header = lengthAt(der, at + 1)
    if (!header || header.end > der.length) break
    found.push({ tag: der[at] ?? 0, content: der.subarray(header.start, header.end) })
    at = header.end
  }
  return found
}

/** Where the content after a length byte starts and ends: short form, or long form of up to four bytes. */
function lengthAt(der: Buffer, at: number): { start: number; end: number } | undefined {
  const first = der[at] ?? 0
  if (first < 0x80) return { start: at + 1, end: at + 1 + first }
  const bytes = first & 0x7f
  if (bytes === 0 || bytes > 4 || at + 1 + bytes > der.length) return undefined
  const start = at + 1 + bytes
  return { start, end: start + der.readUIntBE(at + 1, bytes) }
}
