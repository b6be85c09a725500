/** The status snapshot as gauge values: what each scrape says about certificates, holds and the worker. Pure. */
import { sourceStates } from '../discovery/source-status.ts'
import { certificatesByHost } from '../finding/concern.ts'
import { severityOf } from '../finding/finding.ts'
import { isUnasked } from '../serving/verdict.ts'
import type { CertificateStatus, HoldStatus, StatusSnapshot } from '../status/snapshot.ts'
import type { LabelsOf, statusGauges } from './catalogue.ts'

type Gauges = typeof statusGauges

/** One value of one gauge; the labels are those of the catalogue, so that a wrong one does not compile. */
export type Sample = {
  [Key in keyof Gauges]: {
    readonly gauge: Key
    readonly labels: LabelsOf<Gauges[Key]>
    readonly value: number
  }
}[keyof Gauges]

const seconds = (ms: number) => ms / 1_000
const flag = (value: boolean) => (value ? 1 : 0)

/** Absent moments give no sample: a zero would read as 1970 and set off every expiry alert. */
export function samplesOf(snapshot: StatusSnapshot): Sample[] {
  return [
    ...processSamples(snapshot),
    ...snapshot.certificates.flatMap((certificate) =>
      certificateSamples(certificate, snapshot.store.readable && !snapshot.told?.stale),
    ),
    ...holdSamples(snapshot.holds),
    ...sourceSamples(snapshot.sources),
    ...findingSamples(snapshot),
    ...servedSamples(snapshot),
    ...canarySamples(snapshot),
    ...budgetSamples(snapshot),
  ]
}

function processSamples({ at, version, worker, store, told }: StatusSnapshot): Sample[] {
  const samples: Sample[] = [
    { gauge: 'build', labels: { version }, value: 1 },
    { gauge: 'clock', labels: {}, value: seconds(at) },
    { gauge: 'leader', labels: {}, value: flag(worker.role === 'leader') },
    { gauge: 'workerStuck', labels: {}, value: flag(worker.stuck) },
    { gauge: 'storeReadable', labels: {}, value: flag(store.readable) },
    { gauge: 'stale', labels: {}, value: flag(told?.stale ?? false) },
    { gauge: 'tokens', labels: {}, value: store.tokens },
  ]
  if (worker.nextWakeAt !== undefined) {
    samples.push({ gauge: 'nextWake', labels: {}, value: seconds(worker.nextWakeAt) })
  }
  if (told?.at !== undefined) samples.push({ gauge: 'told', labels: {}, value: seconds(told.at) })
  return samples
}

/** Every state, at zero too: an alert on a conflict must see it come. */
function sourceSamples(sources: StatusSnapshot['sources']): Sample[] {
  if (!sources) return []
  return sourceStates.map((state) => ({
    gauge: 'sources' as const,
    labels: { state },
    value: sources.filter((each) => each.state === state).length,
  }))
}

function certificateSamples(certificate: CertificateStatus, known: boolean): Sample[] {
  const { name, issuer, state, reason } = certificate
  const labels = { name, issuer }
  const condition = known ? (state === 'ready' ? 'True' : 'False') : 'Unknown'
  const samples: Sample[] = [
    { gauge: 'status', labels: { name, state, reason }, value: 1 },
    { gauge: 'failures', labels, value: certificate.failures },
    {
      gauge: 'faultyDestinations',
      labels,
      value: certificate.destinations.filter((destination) => destination.state !== 'installed').length,
    },
  ]
  for (const each of ['True', 'False', 'Unknown'] as const) {
    samples.push({ gauge: 'ready', labels: { ...labels, condition: each }, value: flag(each === condition) })
  }
  const moments = {
    notAfter: certificate.current?.notAfter,
    notBefore: certificate.current?.notBefore,
    expiration: certificate.current?.notAfter,
    renewal: certificate.renewal?.at,
    nextAction: certificate.nextAt,
  } as const
  for (const [gauge, moment] of Object.entries(moments) as [keyof typeof moments, number | undefined][]) {
    if (moment !== undefined) samples.push({ gauge, labels, value: seconds(moment) })
  }
  if (certificate.wantedToInstalledSeconds !== undefined) {
    samples.push({ gauge: 'lastInstallation', labels, value: certificate.wantedToInstalledSeconds })
  }
  return samples
}

const holdKinds = ['issuer', 'registeredDomain', 'identifier', 'identifierSet'] as const

/** Only the kind becomes a label: the name that a limit covers would make a series for each. */
function holdSamples(holds: readonly HoldStatus[]): Sample[] {
  const groups = new Map<string, { labels: { issuer: string; kind: string }; count: number; until: number }>()
  for (const { issuer, covers, until } of holds) {
    const kind = holdKinds.find((each) => each === covers.split(' ')[0]) ?? 'other'
    const key = `${kind} ${issuer}`
    const group = groups.get(key) ?? { labels: { issuer, kind }, count: 0, until: 0 }
    groups.set(key, { ...group, count: group.count + 1, until: Math.max(group.until, until) })
  }
  return [...groups.values()].flatMap(({ labels, count, until }): Sample[] => [
    { gauge: 'holds', labels, value: count },
    { gauge: 'holdUntil', labels, value: seconds(until) },
  ])
}

/**
 * Hosts are those of the configuration and of Gateways that port80 serves; what a stranger could name is in no finding.
 * Those of a silent leader are left out: nobody looks any more, and that has an alert of its own.
 */
function findingSamples({ findings = [], certificates, told }: StatusSnapshot): Sample[] {
  if (findings.length === 0 || told?.stale) return []
  const names = certificatesByHost(certificates)
  const counts = new Map<string, Extract<Sample, { gauge: 'finding' }>>()
  const since = new Map<string, Extract<Sample, { gauge: 'findingSince' }>>()
  for (const finding of findings) {
    const { code, host = '' } = finding
    const severity = severityOf(finding)
    const key = `${code} ${host}`
    const labels = { code, severity, certificate: names.get(host) ?? '', host }
    counts.set(key, { gauge: 'finding', labels, value: (counts.get(key)?.value ?? 0) + 1 })
    const oldest = Math.min(seconds(finding.since), since.get(code)?.value ?? Infinity)
    since.set(code, { gauge: 'findingSince', labels: { code, severity }, value: oldest })
  }
  return [...counts.values(), ...since.values()]
}

/** An address that cannot be judged from here (a warning) is no broken way: an alert on it could never be mended. */
function canarySamples({ legs = [], told }: StatusSnapshot): Sample[] {
  if (told?.stale) return []
  const all = new Map<string, { labels: { host: string; leg: string }; ok: boolean; at: number }>()
  for (const { host, leg, ok, code, checkedAt } of legs) {
    const key = `${leg} ${host}`
    const known = all.get(key) ?? { labels: { host, leg }, ok: true, at: 0 }
    const fine = ok || (code !== undefined && severityOf({ code }) !== 'error')
    all.set(key, { ...known, ok: known.ok && fine, at: Math.max(known.at, checkedAt) })
  }
  return [...all.values()].flatMap(({ labels, ok, at }): Sample[] => [
    { gauge: 'canaryOk', labels, value: flag(ok) },
    { gauge: 'canaryLook', labels, value: seconds(at) },
  ])
}

/** By kind of bucket: the domains and names would make a series for each. Of a silent leader nothing. */
function budgetSamples({ budget = [], told }: StatusSnapshot): Sample[] {
  if (told?.stale) return []
  return [...Map.groupBy(budget, ({ issuer, bucket }) => `${bucket} ${issuer}`).values()].flatMap(
    (all): Sample[] => {
      const [first] = all
      if (!first) return []
      const labels = { issuer: first.issuer, bucket: first.bucket }
      const left = Math.min(...all.map(({ limit, used }) => limit - used))
      const next = Math.max(...all.map(({ nextPossibleAt = 0 }) => nextPossibleAt))
      return [
        { gauge: 'budgetRemaining', labels, value: left },
        { gauge: 'budgetLimit', labels, value: first.limit },
        ...(next > 0 ? [{ gauge: 'budgetNext' as const, labels, value: seconds(next) }] : []),
      ]
    },
  )
}

/** Of a silent leader nothing: what was served an hour ago is no news. */
function servedSamples({ served = [], told }: StatusSnapshot): Sample[] {
  if (told?.stale) return []
  return [...Map.groupBy(served, ({ certificate }) => certificate)].flatMap(([name, all]): Sample[] => {
    const labels = { name }
    if (all.some(({ observed }) => observed)) {
      const ends = all.flatMap(({ notAfter }) => (notAfter === undefined ? [] : [notAfter]))
      return ends.length === 0
        ? []
        : [{ gauge: 'observedNotAfter', labels, value: seconds(Math.min(...ends)) }]
    }
    const pickups = all.flatMap(({ pickupSeconds }) => (pickupSeconds === undefined ? [] : [pickupSeconds]))
    // A pod that took no connection says nothing.
    const asked = all.filter(({ fault }) => !isUnasked(fault))
    const matching = flag(asked.every(({ matches }) => matches))
    return [
      ...(asked.length > 0 ? [{ gauge: 'servedMatches' as const, labels, value: matching }] : []),
      ...(pickups.length > 0 ? [{ gauge: 'pickupLast' as const, labels, value: Math.max(...pickups) }] : []),
    ]
  })
}
