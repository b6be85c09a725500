/** Which certificate a TLS port serves for a name. */
import { isIP } from 'node:net'
import { connect } from 'node:tls'

/** Handshakes with SNI; the chain is not verified (a test CA, a placeholder: what is served is what is asked). */
export function servedLeaf(
  host: string,
  port: number,
  timeoutMs: number,
): Promise<{ serial: string } | { fault: string }> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      rejectUnauthorized: false,
      timeout: timeoutMs,
    })
    const end = (result: { serial: string } | { fault: string }) => {
      socket.destroy()
      resolve(result)
    }
    socket.on('secureConnect', () => {
      const serial = socket.getPeerX509Certificate()?.serialNumber
      end(serial === undefined ? { fault: 'served no certificate' } : { serial })
    })
    socket.on('timeout', () => end({ fault: 'did not answer in time' }))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end({ fault: `could not be asked (${error.code ?? 'TLS'})` }),
    )
  })
}
