/** One TLS handshake with SNI: which certificate a port shows for a host. */
import type { X509Certificate } from 'node:crypto'
import { connect, createSecureContext, type SecureContext } from 'node:tls'
import { takesAnything } from '../reach/on-the-way.ts'

/**
 * `silent`, `refused`: no connection came about. A closed port says little more than silence: a Gateway may have no server
 * there yet, or the port be another one. `no handshake` is a word of the server; `ended on the way` may be one of a sidecar of
 * ours, which takes any connection and ends those that it may not pass on, or cannot.
 */
export type HandshakeFault = 'silent' | 'refused' | 'no handshake' | 'ended on the way'

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

/** One more connection, where a handshake failed. */
const onTheWayMs = 1_000

/**
 * Never rejects. The chain is not verified: what is served is what is asked. Without ALPN, since a filter chain that is
 * chosen by it is chosen by the host too. Takes a second longer than `timeoutMs` at the most.
 */
export async function handshake(
  place: HandshakePlace,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Handshake> {
  const seen = await shakeHands(place, timeoutMs, signal)
  if (!('fault' in seen) || seen.fault !== 'no handshake') return seen
  return (await takesAnything(place.address, onTheWayMs, signal)) ? { fault: 'ended on the way' } : seen
}

let shared: SecureContext | undefined
/** One for all, without roots: each of its own takes 4 ms and memory outside of the heap, for nothing that differs. */
const context = () => (shared ??= createSecureContext({ ca: [] }))

function shakeHands(
  { address, port, host }: HandshakePlace,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Handshake> {
  return new Promise((resolve) => {
    let connected = false
    const secureContext = context()
    const socket = connect({
      host: address,
      port,
      servername: host,
      secureContext,
      rejectUnauthorized: false,
    })
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
