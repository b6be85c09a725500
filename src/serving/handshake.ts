/** One TLS handshake with SNI: which certificate a port shows for a host. */
import type { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'

/**
 * `silent`, `refused`: no connection came about. A closed port says little more than silence: a Gateway may have no server
 * there yet, or the port be another one. `no handshake` is a word of the server.
 */
export type HandshakeFault = 'silent' | 'refused' | 'no handshake'

export type Handshake =
  | {
      /** Upper-case hex. */
      readonly serial: string
      readonly notBefore: number
      readonly notAfter: number
    }
  | { readonly fault: HandshakeFault }

export interface HandshakePlace {
  readonly address: string
  readonly port: number
  /** For SNI; a DNS name. */
  readonly host: string
}

/**
 * Never rejects. The chain is not verified: what is served is what is asked. Without ALPN, since a filter chain that is
 * chosen by it is chosen by the host too.
 */
export function handshake(
  { address, port, host }: HandshakePlace,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Handshake> {
  return new Promise((resolve) => {
    let connected = false
    const socket = connect({ host: address, port, servername: host, rejectUnauthorized: false })
    const end = (result: Handshake) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.destroy()
      resolve(result)
    }
    const abort = () => end({ fault: 'silent' })
    const timer = setTimeout(abort, timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    socket.on('connect', () => (connected = true))
    socket.on('secureConnect', () => end(seenIn(socket.getPeerX509Certificate())))
    socket.on('end', () => end({ fault: 'no handshake' }))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => end({ fault: faultOf(code, connected) }))
  })
}

function seenIn(leaf: X509Certificate | undefined): Handshake {
  if (!leaf) return { fault: 'no handshake' }
  const { serialNumber: serial, validFrom, validTo } = leaf
  return { serial, notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) }
}

function faultOf(code: string | undefined, connected: boolean): HandshakeFault {
  if (connected) return 'no handshake'
  return code === 'ECONNREFUSED' ? 'refused' : 'silent'
}
