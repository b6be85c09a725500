/** Which certificates a finding is about. Pure. */
import type { Finding } from './finding.ts'

interface Named {
  readonly name: string
  readonly domains: readonly string[]
}

/** Host → name of the first certificate that has it. */
export function certificatesByHost(certificates: readonly Named[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { name, domains } of certificates)
    for (const domain of domains) if (!names.has(domain)) names.set(domain, name)
  return names
}

/** Those of one certificate, by its hosts; a finding without a host is nobody's. */
export function findingsOf<Found extends Pick<Finding, 'host'>>(
  { domains }: Pick<Named, 'domains'>,
  findings: readonly Found[] = [],
): Found[] {
  return findings.filter(({ host }) => host !== undefined && domains.includes(host))
}
