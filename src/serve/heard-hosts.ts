/**
 * Hosts of certificates that only the leader knows of, since a responder may not read the objects that ask for them: with
 * `redirect.hosts: configured` they are redirected like those of the file, and with the status of their own where they have
 * one, as soon as the leader has told its status.
 */
import type { PublishedReader } from '../kube/published-reader.ts'
import type { CertificateStatus } from '../status/snapshot.ts'
import { publicSettings, type HeardHost } from './public-settings.ts'
import type { Running } from './serve.ts'

/** How often what was told is looked at, in milliseconds: it is in memory, and read only when it is another one. */
const lookEveryMs = 2_000

/** From now on. What was heard stays while nothing newer is known. */
export function hearHosts(running: Running, hearsay: Pick<PublishedReader, 'latest'>): { stop(): void } {
  const { live, options } = running
  const look = async () => {
    const { publicServer } = running
    if (!publicServer || options.role !== 'responder' || !live.config().discovery) return
    const certificates = (await hearsay.latest()).told?.certificates
    const hosts = certificates?.flatMap(hostsOf)
    if (!hosts || sameHosts(hosts, running.heardHosts)) return
    running.heardHosts = hosts
    publicServer.apply(publicSettings(live.config(), running.internalHost, hosts))
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

function hostsOf({ domains, redirectStatus: status }: CertificateStatus): HeardHost[] {
  return domains.map((host) => (status === undefined ? { host } : { host, status }))
}

function sameHosts(one: readonly HeardHost[], other: readonly HeardHost[]): boolean {
  const same = ({ host, status }: HeardHost, index: number) =>
    host === other[index]?.host && status === other[index].status
  return one.length === other.length && one.every(same)
}
