/** After the issuing: a steady stream of requests, renewals told as a TLS client sees them, and the sum at the end. */
import { startProbe } from './probe.ts'
import type { Parts } from './parts.ts'
import type { Scene } from './scene.ts'
import { shortSerial, type Story } from './story.ts'

export interface Watching {
  /** Resolves with the sum, in one line. */
  stop(): Promise<string>
}

const requestEveryMs = 100

export function watchRenewals(scene: Scene, { ca, gateway }: Parts, story: Story): Watching {
  const nameOf = new Map(scene.certificates.map(({ name, domains }) => [domains[0], name]))
  /** Host → what was told last: an outage is one line, not ten a second. */
  const faults = new Map<string, string>()
  let renewals = 0
  const told = () => {
    const { requests, failed } = probe.counts()
    return `${requests.toLocaleString('en')} requests on :${gateway.port}, ${failed} failed`
  }
  const probe = startProbe({
    port: gateway.port,
    hosts: scene.certificates.flatMap(({ domains }) => domains),
    root: ca.rootPem,
    intervalMs: requestEveryMs,
    onSerial: (host, now, before) => {
      // One certificate may have several hosts; its first one tells.
      const name = nameOf.get(host)
      if (name === undefined) return
      renewals += 1
      story.event('↻', name, `renewed: serial ${shortSerial(before)} → ${shortSerial(now)} · ${told()}`)
    },
    onFault: (host, fault) => {
      if (faults.get(host) === fault) return
      faults.set(host, fault)
      story.failed(`a request to ${host} failed: ${fault}`)
    },
  })
  return {
    stop: async () => {
      await probe.stop()
      return `${ca.stats.orders} orders, ${renewals} renewals seen; ${told()}`
    },
  }
}
