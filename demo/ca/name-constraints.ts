/**
 * The name constraints of the root (RFC 5280 §4.2.1.10), so that even someone who trusts it by mistake trusts it for
 * nothing but their own machine. Pure. Written as DER by hand: @peculiar/x509 has no class for this extension.
 */

/** Permits `localhost` and every name below it, 127.0.0.0/8 and ::1. DER of the NameConstraints SEQUENCE. */
export function loopbackConstraints(): Uint8Array {
  const name = der(0x82, Buffer.from('localhost')) // GeneralName dNSName [2]
  const ipv4 = der(0x87, Buffer.from([127, 0, 0, 0, 255, 0, 0, 0])) // iPAddress [7]: address, then mask
  const ipv6 = der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1]), Buffer.alloc(16, 0xff)]))
  const subtrees = [name, ipv4, ipv6].map((base) => der(0x30, base))
  return der(0x30, der(0xa0, Buffer.concat(subtrees))) // permittedSubtrees [0]
}

/** One element in short form: everything here is under 128 bytes. */
function der(tag: number, content: Buffer): Buffer {
  if (content.length > 127) throw new RangeError('needs the long form')
  return Buffer.concat([Buffer.from([tag, content.length]), content])
}
