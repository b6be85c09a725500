/** A look at a certificate that nobody here manages. */
import type { ObservedConfig } from '../config/proof-schema.ts'
import type { Finding } from '../finding/finding.ts'
import type { ServedStatus } from '../finding/reported.ts'
import { notAsked, observedFinding, servedNothing } from './findings.ts'
import { handshake, type Handshake, type HandshakeFault } from './handshake.ts'
import type { Door } from './proof-shell.ts'
import type { Doors } from './targets.ts'

const handshakeMs = 5_000

export interface Observed {
  readonly findings: readonly Finding[]
  readonly served: readonly ServedStatus[]
}

/** Never rejects: a gateway whose pods cannot be listed shows nothing. Of several pods the one that expires first is told. */
export async function lookAtObserved(
  observed: ObservedConfig,
  doorsAt: (doors: Doors) => Promise<readonly Door[]>,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<Observed> {
  const lists = await Promise.all(placesOf(observed).map((place) => doorsAt(place).catch(() => [])))
  const shown = await Promise.all(
    lists.flat().map(async (door) => ({
      pod: door.pod,
      seen: await twice({ ...door, host: observed.host }, signal),
    })),
  )
  return {
    served: shown.map(({ pod, seen }) => servedOf(observed, pod, { seen, now })),
    findings: findingsOf(observed, shown, now),
  }
}

/** One lost connection is no news. */
async function twice(place: Door & { readonly host: string }, signal: AbortSignal): Promise<Handshake> {
  const first = await handshake(place, handshakeMs, signal)
  return 'fault' in first && !signal.aborted ? handshake(place, handshakeMs, signal) : first
}

function placesOf({ host, address = host, port, gateway }: ObservedConfig): Doors[] {
  if (!gateway) return [{ address, port }]
  const { namespaces, selector, httpsPort } = gateway
  return namespaces.map((namespace) => ({ namespace, selector, port: httpsPort }))
}

interface Shown {
  readonly pod: string
  readonly seen: Handshake
}

function findingsOf(
  { name, host, warnBefore, port, gateway }: ObservedConfig,
  shown: readonly Shown[],
  now: number,
): Finding[] {
  const leaves = shown.flatMap(({ seen }) => ('serial' in seen ? [seen] : []))
  const first = leaves.toSorted((one, other) => one.notAfter - other.notAfter)[0]
  const late = first && observedFinding(name, { host, warnBefore, ...first }, now)
  const object = { kind: 'Host', name } as const
  const faults = shown.flatMap(({ pod, seen }) =>
    'fault' in seen && seen.fault !== 'silent' ? [{ pod, host, fault: seen.fault }] : [],
  )
  const [ended, none] = [faults.filter(isEnded), faults.filter((look) => !isEnded(look))]
  return [
    ...(late ? [late] : []),
    ...(none.length > 0 ? [servedNothing(object, { host, looks: none })] : []),
    ...(ended.length > 0 ? [notAsked(object, ended, gateway?.httpsPort ?? port)] : []),
  ]
}

const isEnded = ({ fault }: { readonly fault: HandshakeFault }) => fault === 'ended on the way'

function servedOf(
  { name, host }: ObservedConfig,
  pod: string,
  { seen, now }: { readonly seen: Handshake; readonly now: number },
): ServedStatus {
  const about = { certificate: name, host, pod, checkedAt: now, observed: true as const }
  if ('fault' in seen) return { ...about, matches: false, fault: seen.fault }
  return { ...about, matches: true, serial: seen.serial, notAfter: seen.notAfter }
}
