/** A DNS server over UDP, on loopback unless told otherwise. It knows the names of its table and asks nobody. */
import { createSocket } from 'node:dgram'
import { answerTo, type Zones } from './answer.ts'

export interface DnsServer {
  /** `127.0.0.1:53153`, as `resolvers` of a configuration has it. */
  readonly authority: string
  /** Idempotent. */
  stop(): Promise<void>
}

/** On a free port of the address unless one is given, when it resolves. `zones` is asked anew at each query. */
export async function startDnsServer(
  zones: () => Zones,
  address = '127.0.0.1',
  port = 0,
): Promise<DnsServer> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const answer = answerTo(query, zones())
    if (answer) socket.send(answer, from.port, from.address)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, address, resolve)
  })
  // A client that has gone is no fault of the server.
  socket.on('error', () => undefined)
  let stopped: Promise<void> | undefined
  return {
    authority: `${address}:${socket.address().port}`,
    stop: () => (stopped ??= new Promise((resolve) => socket.close(() => resolve()))),
  }
}
