/** A steady stream of requests to the gateway, each with a handshake of its own: what a visitor would notice. */
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'

export interface ProbeOptions {
  readonly port: number
  readonly hosts: readonly string[]
  /** PEM: the only root that is believed. */
  readonly root: string
  readonly intervalMs: number
  /** The certificate of a host is another one than at the request before. */
  readonly onSerial: (host: string, now: string, before: string) => void
  readonly onFault: (host: string, fault: string) => void
}

export interface Probe {
  counts(): { readonly requests: number; readonly failed: number }
  /** Resolves when the last request has ended. */
  stop(): Promise<void>
}

export function startProbe(options: ProbeOptions): Probe {
  const serials = new Map<string, string>()
  const end = new AbortController()
  let requests = 0
  let failed = 0
  const ask = async (host: string) => {
    const outcome = await request(host, options)
    requests += 1
    if ('fault' in outcome) {
      failed += 1
      return options.onFault(host, outcome.fault)
    }
    const before = serials.get(host)
    serials.set(host, outcome.serial)
    if (before !== undefined && before !== outcome.serial) options.onSerial(host, outcome.serial, before)
  }
  const run = async () => {
    for (let turn = 0; !end.signal.aborted; turn += 1) {
      const host = options.hosts[turn % options.hosts.length]
      if (host !== undefined) await ask(host)
      await sleep(options.intervalMs, undefined, { signal: end.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    counts: () => ({ requests, failed }),
    stop: async () => {
      end.abort()
      await running
    },
  }
}

function request(
  host: string,
  { port, root }: ProbeOptions,
): Promise<{ serial: string } | { fault: string }> {
  return new Promise((resolve) => {
    const asked = https.get({
      host: '127.0.0.1',
      port,
      path: '/',
      headers: { Host: host },
      servername: host,
      ca: root,
      agent: false,
      timeout: 1_000,
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer within a second')))
    asked.on('error', (error: NodeJS.ErrnoException) => resolve({ fault: error.code ?? error.message }))
    asked.on('response', (response) => {
      const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate()
      response.resume()
      response.on('error', (error) => resolve({ fault: error.message }))
      response.on('end', () =>
        resolve(
          response.statusCode === 200 ? { serial: serialNumber } : { fault: `status ${response.statusCode}` },
        ),
      )
    })
  })
}
