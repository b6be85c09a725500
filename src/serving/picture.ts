/** What all looks together tell: the findings, and what each pod serves. Pure. */
import type { FindingCode } from '../finding/catalogue.ts'
import type { Finding } from '../finding/finding.ts'
import type { Reported, ServedStatus } from '../finding/reported.ts'
import { refusedByEnvoy, type EnvoyRefusal } from './envoy-terms.ts'
import { objectOf, servingFindings, undone } from './findings.ts'
import { servedIn, type State } from './sight.ts'
import { refusedAt, type Target } from './targets.ts'

export interface Sighted {
  readonly target: Target
  readonly state: State
  /** Whether this term has known better than to wait, at any time. */
  readonly decided: boolean
}

export interface Picture {
  readonly findings: readonly Finding[]
  readonly served: readonly ServedStatus[]
}

/** `before`: of the leader before. What it found of a destination stands while the first deadline here is not over. */
export function pictureOf(all: readonly Sighted[], before: Reported): Picture {
  const findings = all.flatMap(({ target, state, decided }) => {
    if (state.verdict === 'waiting') return decided ? [] : inheritedOf(target, before)
    const sight = { ...target, port: target.doors.port, looks: state.looks, refusal: state.refusal }
    return servingFindings(sight, state.verdict)
  })
  const undoneOnes = all.flatMap(({ target }) => {
    const refused = refusedAt(target)
    if (!refused) return []
    const { destination, hosts } = target
    return [undone({ destination, refused, host: hosts[0], refusal: againstNewest(target) })]
  })
  return {
    findings: [...findings, ...undoneOnes],
    served: all.flatMap(({ target, state }) => servedIn(target, state)),
  }
}

/** A refusal is always of the newest pair. Parses it, so not for every pair at every look. */
export function againstNewest({ certificate }: Target): EnvoyRefusal | undefined {
  const [newest] = certificate.record.pairs
  return newest && refusedByEnvoy(newest.chainPem)
}

/** What a look of the leader before saw; what was undone stands in the record. */
const ofLooks: ReadonlySet<FindingCode> = new Set(['P80-401', 'P80-404', 'P80-405'])

function inheritedOf({ destination }: Target, { findings = [] }: Reported): Finding[] {
  const { kind, namespace, name } = objectOf(destination)
  return findings.flatMap(({ code, object, host, seen, fix }) => {
    const isHere = object.kind === kind && object.namespace === namespace && object.name === name
    if (!isHere || !ofLooks.has(code)) return []
    return [{ code, object, ...(host !== undefined && { host }), seen, fix }]
  })
}
