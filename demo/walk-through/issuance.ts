/** From "started" to "every certificate is served", told as it happens. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CertificateStatus } from '../../src/status/snapshot.ts'
import type { Parts } from './parts.ts'
import type { Scene } from './scene.ts'
import { shortSerial, timeOf, type Story } from './story.ts'

/** A certificate did not come in time. `reasons`: one line each, in port80's words. */
export class NotIssued extends Error {
  readonly reasons: readonly string[]
  constructor(reasons: readonly string[]) {
    super('not every certificate has come')
    this.name = 'NotIssued'
    this.reasons = reasons
  }
}

const deadlineMs = 60_000

/**
 * Resolves when port80 calls every certificate ready and the gateway serves that very one. Throws NotIssued after
 * `patienceMs`, a minute unless given; rejects when port80 ends or the signal aborts.
 */
export async function awaitCertificates(
  scene: Scene,
  { ca, gateway, port80, issued }: Parts,
  { story, signal, patienceMs = deadlineMs }: { story: Story; signal: AbortSignal; patienceMs?: number },
): Promise<void> {
  const startedAt = performance.now()
  const waiting = new Set(scene.certificates.map(({ name }) => name))
  while (waiting.size > 0) {
    signal.throwIfAborted()
    const status = await Promise.race([port80.status(), port80.crashed])
    const served = new Map(gateway.certificates().map((each) => [each.name, each.serial]))
    for (const certificate of status?.certificates ?? []) {
      if (!waiting.has(certificate.name) || !isServed(certificate, served)) continue
      waiting.delete(certificate.name)
      story.done(certificate.name, sentence(certificate, issued))
    }
    if (performance.now() - startedAt > patienceMs)
      throw new NotIssued(reasonsOf(status?.certificates ?? [], waiting))
    await sleep(50)
  }
  if (ca.stats.orders === 0)
    story.line('Nothing was ordered: every certificate of the last time is still good.')
}

/** A tick is over for it (nothing is about to be ordered), and stored, installed and served are the same certificate. */
function isServed(
  { name, state, reason, current }: CertificateStatus,
  served: ReadonlyMap<string, string>,
): boolean {
  return (
    state === 'ready' && reason === 'UpToDate' && current !== undefined && served.get(name) === current.serial
  )
}

function sentence(certificate: CertificateStatus, issued: ReadonlySet<string>): string {
  const { domains, current, wantedToInstalledSeconds: seconds } = certificate
  const serial = current?.serial ?? ''
  const took = seconds === undefined ? '' : ` in ${seconds.toFixed(2)} s`
  const origin = issued.has(serial) ? `issued${took}` : 'still good'
  return [
    domains.join(', '),
    origin,
    `until ${timeOf(new Date(current?.notAfter ?? 0))}`,
    `serial ${shortSerial(serial)}`,
  ].join(' · ')
}

/** Pure. What port80 says of the certificates that did not come. */
export function reasonsOf(
  certificates: readonly CertificateStatus[],
  waiting: ReadonlySet<string>,
): readonly string[] {
  const known = certificates.filter(({ name }) => waiting.has(name))
  if (known.length === 0) return [`port80 tells nothing of ${[...waiting].join(', ')}`]
  return known.map(({ name, state, reason, next, attempts }) => {
    const failure = attempts.find((each) => each.failure)?.failure
    const words = failure ? `${failure.reason}: ${failure.detail}` : next
    return `${name} is ${state} (${reason}): ${words}`
  })
}
