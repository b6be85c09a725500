/** A DNS server on loopback, over UDP. It knows the names of its table and asks nobody. */
import { createSocket } from 'node:dgram'
import { answerTo, type Zones } from './answer.ts'

export interface DnsServer {
  /** `127.0.0.1:PORT`, as `resolvers` of a configuration has it. */
  readonly authority: string
  /** Idempotent. */
  stop(): Promise<void>
}

/** On a free port of 127.0.0.1 when it resolves. `zones` is asked anew at each query. */
export async function startDnsServer(zones: () => Zones): Promise<DnsServer> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const answer = answerTo(query, zones())
    if (answer) socket.send(answer, from.port, from.address)
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', resolve)
  })
  // A client that has gone is no fault of the server.
  socket.on('error', () => undefined)
  let stopped: Promise<void> | undefined
  return {
    authority: `127.0.0.1:${socket.address().port}`,
    stop: () => (stopped ??= new Promise((resolve) => socket.close(() => resolve()))),
  }
}
