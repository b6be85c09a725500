/** What the sections about a cluster must be for each other. Pure. */
import { formatDuration, parseDuration } from './duration.ts'
import { finding, formatPath, type Finding, type Path } from './fault.ts'
import type { Sketch } from './sketch.ts'

type SketchedDestination = NonNullable<NonNullable<Sketch['destinations']>[number]>
type SketchedSecret = NonNullable<SketchedDestination['secret']>

/** One Secret destination with its place, and the certificate that it is for. */
interface Entry {
  readonly at: Path
  readonly secret: SketchedSecret
  readonly certificate: string | undefined
}

export function meshFindings(sketch: Sketch): Finding[] {
  const entries = secretEntries(sketch)
  return [
    ...secretNeedsCluster(entries, sketch),
    ...lintNeedsCluster(sketch),
    ...secretTwice(entries),
    ...respondersNeedStore(sketch),
    ...gatewaysOfNobody(entries, sketch),
    ...leaseDurations(sketch),
  ]
}

/** Without a word about the cluster it would be whichever one kubectl was used with last. */
function secretNeedsCluster(entries: readonly Entry[], sketch: Sketch): Finding[] {
  const first = entries[0]
  if (!first || 'kubernetes' in sketch || clusterStore(sketch)) return []
  const fix =
    'needs a cluster; add `kubernetes: {}` (the ServiceAccount in a pod, otherwise the kubeconfig), or keep the state there with store.kubernetes'
  return [finding(first.at, first.secret.name, fix)]
}

function lintNeedsCluster(sketch: Sketch): Finding[] {
  if (typeof sketch.lint !== 'object' || 'kubernetes' in sketch || clusterStore(sketch)) return []
  const fix =
    'needs a cluster; add `kubernetes: {}` (the ServiceAccount in a pod, otherwise the kubeconfig), or write off'
  return [finding(['lint'], undefined, fix)]
}

/** Two certificates in one Secret replace each other for ever. Two gateways of one namespace may read one Secret. */
function secretTwice(entries: readonly Entry[]): Finding[] {
  const firsts = new Map<string, Entry>()
  const told = new Set<string>()
  return entries.flatMap((entry) => {
    const name = 'name' in entry.secret ? entry.secret.name : entry.certificate
    return (entry.secret.gateway?.namespaces ?? []).flatMap((namespace) => {
      if (name === undefined || namespace === undefined) return []
      const place = `${namespace}/${name}`
      const first = firsts.get(place)
      if (first === undefined) firsts.set(place, entry)
      if (first === undefined || first.certificate === entry.certificate) return []
      const at = [...entry.at, 'name']
      if (told.has(formatPath(at))) return []
      told.add(formatPath(at))
      const same = formatPath(first.at) === formatPath(entry.at)
      const other = same ? 'several certificates (this destination is for all of them)' : formatPath(first.at)
      const fix = `is Secret ${place} of ${other} too; give each certificate a Secret of its own`
      return [finding(at, name, fix)]
    })
  })
}

function respondersNeedStore(sketch: Sketch): Finding[] {
  const { responders } = sketch
  if (responders === undefined || clusterStore(sketch)) return []
  const fix = 'are found in the namespace of store.kubernetes; write that, or take responders out'
  return [finding(['responders'], undefined, fix)]
}

function gatewaysOfNobody(entries: readonly Entry[], sketch: Sketch): Finding[] {
  const { selfCheck } = sketch
  if (typeof selfCheck !== 'object' || selfCheck.gateways === undefined) return []
  if (entries.length > 0 || 'discovery' in sketch || certificatesFaulty(sketch)) return []
  const fix = 'has no gateway to look through; give a destination a secret with its gateway, or write url'
  return [finding(['selfCheck', 'gateways'], selfCheck.gateways, fix)]
}

function certificatesFaulty(sketch: Sketch): boolean {
  return (['certificates', 'destinations'] as const).some((key) => key in sketch && sketch[key] === undefined)
}

/** client-go's rules: each well below the one before, or a slow API server costs a leader its Lease. */
function leaseDurations({ store }: Sketch): Finding[] {
  const written = store?.kubernetes?.lease
  if (written === undefined) return []
  const defaults = { duration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }
  const of = (key: keyof typeof defaults) => {
    const text = written[key]
    return key in written ? (text === undefined ? undefined : parseDuration(text)) : defaults[key]
  }
  const { duration, renewDeadline, retryPeriod } = {
    duration: of('duration'),
    renewDeadline: of('renewDeadline'),
    retryPeriod: of('retryPeriod'),
  }
  const at = (key: keyof typeof defaults, fix: string) => [
    finding(['store', 'kubernetes', 'lease', key], written[key], fix),
  ]
  if (duration !== undefined && duration % 1_000 !== 0)
    return at('duration', 'is no whole number of seconds; write one such as 15s')
  if (duration !== undefined && renewDeadline !== undefined && renewDeadline >= duration)
    return at('renewDeadline', `is not shorter than duration (${formatDuration(duration)}); write less`)
  if (renewDeadline !== undefined && retryPeriod !== undefined && retryPeriod * 1.2 >= renewDeadline)
    return at(
      'retryPeriod',
      `is not well below renewDeadline (${formatDuration(renewDeadline)}); write less than five sixths of it`,
    )
  return []
}

function clusterStore({ store }: Sketch): boolean {
  return store !== undefined && 'kubernetes' in store
}

function secretEntries(sketch: Sketch): Entry[] {
  const certificates = (sketch.certificates ?? []).filter((each) => each !== undefined)
  const own = (sketch.certificates ?? []).flatMap((certificate, index): Entry[] =>
    entriesAt(['certificates', index, 'destinations'], certificate?.destinations, [certificate?.name]),
  )
  const sharing = certificates.filter((each) => !('destinations' in each)).map(({ name }) => name)
  // A shared one is looked at also where no certificate uses it.
  const users = sharing.length > 0 ? sharing : [undefined]
  return [...entriesAt(['destinations'], sketch.destinations, users), ...own]
}

function entriesAt(
  at: Path,
  list: Sketch['destinations'],
  certificates: readonly (string | undefined)[],
): Entry[] {
  return (list ?? []).flatMap((each, index) => {
    const secret = each?.secret
    if (secret === undefined) return []
    return certificates.map((certificate) => ({ at: [...at, index, 'secret'], secret, certificate }))
  })
}
