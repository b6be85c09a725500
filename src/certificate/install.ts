/** What goes into which destination. Pure. Nothing valid is ever replaced by something worse (house rule 7). */
import type { CertificateRecord, StoredPair } from '../state/records.ts'
import type { Leaf } from './certificate.ts'

/** What a destination holds, read and parsed. */
export interface InstalledView {
  readonly destination: string
  readonly state: 'present' | 'absent' | 'foreign' | 'unreadable'
  /** Of a present pair; undefined when it does not parse. */
  readonly leaf?: Leaf | undefined
  readonly fault?: string
}

export interface InstallInput {
  readonly desired: { readonly name: string }
  readonly record: CertificateRecord
  readonly stored?: { readonly pair: StoredPair; readonly leaf: Leaf | undefined }
  readonly installed: readonly InstalledView[]
  /** The older pair that stands in where `stored` was refused: in `record.refused.destinations`. */
  readonly standIn?: Leaf | undefined
  /** What the stored stand-in says. */
  readonly placeholder?: Leaf | undefined
  /** Fingerprints of the older pairs that are kept: replacing one of those is no loss. */
  readonly olderFingerprints?: readonly string[]
}

export interface InstallStep {
  readonly do: 'install'
  readonly certificate: string
  readonly what: 'pair' | 'placeholder'
  readonly destinations: readonly string[]
}

/** At most one step: the stored pair to every destination that lacks it, or the placeholder where there is nothing. */
export function installSteps(input: InstallInput): InstallStep[] {
  const { pair, leaf } = input.stored ?? {}
  // A revoked pair stays where it is until the next one comes, and is put nowhere else.
  const usable = leaf?.keyMatches && pair?.revokedAt === undefined ? leaf : undefined
  const older = input.olderFingerprints ?? []
  const destinations = input.installed
    .filter((view) => {
      const wanted = wantedIn(view.destination, usable, input)
      return wanted ? lacksPair(view, wanted, older) : lacksAnything(view, input.placeholder)
    })
    .map((view) => view.destination)
  if (destinations.length === 0) return []
  return [
    { do: 'install', certificate: input.desired.name, what: usable ? 'pair' : 'placeholder', destinations },
  ]
}

/** Where a gateway did not take the newest, the last one that it took. A refusal ends long before that one does. */
function wantedIn(
  destination: string,
  usable: Leaf | undefined,
  { record, standIn }: InstallInput,
): Leaf | undefined {
  return usable && standIn?.keyMatches && record.refused?.destinations.includes(destination)
    ? standIn
    : usable
}

function lacksPair(view: InstalledView, wanted: Leaf, older: readonly string[]): boolean {
  switch (view.state) {
    case 'foreign':
    case 'unreadable':
      return false // not ours to replace; status shows the fault
    case 'absent':
      return true
    case 'present':
      return !holds(view.leaf, wanted) && mayReplace(view.leaf, wanted, older)
  }
}

/**
 * What all of them say, when every destination holds something that is not ours to replace: nobody could have what would be
 * ordered. Undefined as soon as one may be written, or cannot be looked at. At most 500 characters.
 */
export function refusalOfAll(installed: readonly InstalledView[]): string | undefined {
  if (installed.length === 0 || installed.some(({ state }) => state !== 'foreign')) return undefined
  return installed
    .map(({ destination, fault = 'holds something that is not ours' }) => `${destination}: ${fault}`)
    .join('; ')
    .slice(0, 500)
}

/** With its key: beside another one the certificate serves nobody. */
function holds(there: Leaf | undefined, wanted: Leaf): boolean {
  return there?.fingerprint === wanted.fingerprint && there.keyMatches
}

/**
 * A pair that port80 did not write and that lives longer than ours is not replaced: either the state was restored from
 * a backup, or somebody put it there on purpose. Our own older pairs may live longer (staging → production) and are.
 */
function mayReplace(there: Leaf | undefined, wanted: Leaf, older: readonly string[]): boolean {
  if (!there || there.placeholder || !there.keyMatches) return true
  return there.notAfter <= wanted.notAfter || older.includes(there.fingerprint)
}

/** A self-signed stand-in is better than nothing and than what does not parse, and worse than anything else. */
function lacksAnything({ state, leaf }: InstalledView, placeholder: Leaf | undefined): boolean {
  if (state === 'absent') return true
  if (state !== 'present') return false
  // Ours of other names, or of a state that is gone, makes way for the one of now.
  const old = leaf?.placeholder && placeholder && leaf.fingerprint !== placeholder.fingerprint
  return leaf === undefined || old === true
}
