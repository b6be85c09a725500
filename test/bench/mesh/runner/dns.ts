/**
 * The resolver of the pods: names of Services as CoreDNS has them, and names that a test gives. It forwards nothing, so
 * that no name of the outside is ever asked for. UDP and A records are enough: every name here is IPv4, and short.
 */
import { createSocket } from 'node:dgram'

/** IPv4 addresses of a name in lower case without the last dot; empty: it exists without an address; undefined: no such name. */
export type Lookup = (name: string) => readonly string[] | undefined

export interface Resolver {
  close(): Promise<void>
}

/** Listens on port 53 of that address. */
export function startResolver(address: string, lookup: Lookup): Promise<Resolver> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const reply = answer(query, lookup)
    if (reply) socket.send(reply, from.port, from.address)
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(53, address, () => {
      socket.off('error', reject)
      socket.on('error', () => undefined)
      resolve({ close: () => new Promise<void>((done) => socket.close(done)) })
    })
  })
}

const typeA = 1
const ttlSeconds = 1

/** RFC 1035 section 4. Undefined for what is no query of one question. */
export function answer(query: Buffer, lookup: Lookup): Buffer | undefined {
  if (query.length < 17 || (query.readUInt16BE(2) & 0x8000) !== 0 || query.readUInt16BE(4) !== 1)
    return undefined
  const labels: string[] = []
  let at = 12
  for (;;) {
    const length = query[at]
    if (length === undefined || length > 63) return undefined
    at += 1
    if (length === 0) break
    labels.push(query.toString('latin1', at, at + length))
    at += length
  }
  if (at + 4 > query.length) return undefined
  const found = lookup(labels.join('.').toLowerCase())
  const addresses = query.readUInt16BE(at) === typeA ? (found ?? []) : []
  const head = Buffer.alloc(12)
  query.copy(head, 0, 0, 2)
  // Response, authoritative, recursion desired as asked, recursion available; NXDOMAIN for what is not there.
  head.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | (found ? 0 : 3), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(addresses.length, 6)
  return Buffer.concat([head, query.subarray(12, at + 4), ...addresses.map(record)])
}

function record(address: string): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16BE(0xc00c, 0)
  bytes.writeUInt16BE(typeA, 2)
  bytes.writeUInt16BE(1, 4)
  bytes.writeUInt32BE(ttlSeconds, 6)
  bytes.writeUInt16BE(4, 10)
  bytes.set(address.split('.').map(Number), 12)
  return bytes
}
