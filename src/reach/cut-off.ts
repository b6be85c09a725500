/** What listens at an address that cut a plain request off: asked once more in two other tongues, both at the same time. */
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { hostHeader } from '../challenge/ask.ts'
import type { Challenge } from '../challenge/store.ts'
import { challengePath } from '../challenge/token.ts'
import type { Silence } from './answer.ts'
import type { Way } from './ask-once.ts'

type Sought = Pick<Challenge, 'token' | 'identifier'>

/** Never rejects; `closed` also when `signal` aborts before anything answers. */
export async function cutOffBy(sought: Sought, way: Way, signal: AbortSignal): Promise<Silence> {
  const [behindHeader, tls] = await Promise.all([
    answersBehindHeader(sought, way, signal),
    speaksTls(sought, way, signal),
  ])
  if (behindHeader) return 'proxyHeader'
  return tls ? 'tls' : 'closed'
}

/** A listener with the PROXY protocol answers what stands behind a header. */
function answersBehindHeader(
  { token, identifier }: Sought,
  { address, port }: Way,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, signal })
    let read = ''
    const end = () => {
      socket.destroy()
      resolve(read.startsWith('HTTP/1.'))
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      read += chunk
      if (read.length >= 'HTTP/1.'.length) end()
    })
    socket.on('error', end)
    socket.on('close', end)
    const lines = [
      'PROXY TCP4 127.0.0.1 127.0.0.1 1024 80',
      `GET ${challengePath(token)} HTTP/1.1`,
      `Host: ${hostHeader(identifier)}`,
      'Connection: close',
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  })
}

/** A handshake that is finished, or refused in the words of TLS. Whose certificate it is does not matter: nothing is sent. */
function speaksTls({ identifier }: Sought, { address, port }: Way, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const raw = connect({ host: address, port, signal })
    const socket = connectTls({
      ...{ socket: raw, rejectUnauthorized: false },
      ...(isIP(identifier) === 0 && { servername: identifier }),
    })
    const end = (speaks: boolean) => {
      socket.destroy()
      raw.destroy()
      resolve(speaks)
    }
    socket.on('secureConnect', () => end(true))
    // Whoever sends an alert speaks it.
    socket.on('error', ({ message }: Error) => end(/SSL alert number \d/.test(message)))
    raw.on('error', () => end(false))
    socket.on('close', () => end(false))
  })
}
