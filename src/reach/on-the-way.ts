/** Whether something between here and an address takes any connection to it, as a sidecar does: what ends one is then not known. */
import { connect } from 'node:net'

/** "Discard": nobody listens there on a gateway. */
const nobodysPort = 9

/**
 * Never rejects. A sidecar takes every connection of its pod before it knows whether, and where to, it may pass it on; an
 * address that is asked directly refuses this one, or is silent.
 */
export function takesAnything(address: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: nobodysPort })
    const end = (taken: boolean) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.destroy()
      resolve(taken)
    }
    const abort = () => end(false)
    const timer = setTimeout(abort, timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
  })
}
