/**
 * The configuration and what is seen of the cluster → the certificates that objects ask for, and what became of each
 * object. Pure. Who comes first where two want one Secret: the file, then the oldest object. Whoever loses is named with
 * the one that stands in its way, and costs nobody else anything.
 */
import type { SecretDestinationConfig } from '../config/destination-schema.ts'
import type { CertificateConfig, Config } from '../config/schema.ts'
import { checkWish, ignoredWish } from './check.ts'
import { wordsFor, type ObjectRef, type Reading } from './claim.ts'
import { besideConfigured, configuredFor } from './configured-secrets.ts'
import { locate, type LocatedClaim, type Problem } from './located-claim.ts'
import { certificateName, groupOf, join, overlaps, type SecretGroup } from './secret-group.ts'
import type { SourceStatus } from './source-status.ts'
import type { View } from './view.ts'

export interface Discovery {
  /** As if they stood in the file, behind its own. */
  readonly certificates: readonly CertificateConfig[]
  /** One entry an object and Secret, in the order of age; whole kinds that cannot be read come first. */
  readonly sources: readonly SourceStatus[]
  /** By name of the certificate: the objects that want it, for Events on them. */
  readonly origins: ReadonlyMap<string, readonly ObjectRef[]>
}

/** Without a section `discovery` nothing is found. Never throws: a fault of an object is a word about that object. */
export function discover(config: Config, view: View): Discovery {
  const merging = new Merging(config, view)
  for (const reading of [...view.readings].sort(byAge)) merging.take(reading)
  return merging.result()
}

function byAge({ object: a }: Reading, { object: b }: Reading): number {
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt
  const [left, right] = [a, b].map(({ source, namespace, name }) => `${source}/${namespace}/${name}`)
  return (left ?? '') < (right ?? '') ? -1 : 1
}

class Merging {
  readonly #config: Config
  readonly #view: View
  readonly #names: ReadonlySet<string>
  readonly #groups: SecretGroup[] = []
  readonly #sources: SourceStatus[] = []

  constructor(config: Config, view: View) {
    this.#config = config
    this.#view = view
    this.#names = new Set(config.certificates.map(({ name }) => name))
  }

  take(reading: Reading): void {
    const { object, claims, notes } = reading
    const settings = this.#config.discovery
    if (!settings) return
    const faults = reading.faults.length > 0 ? reading.faults : this.#faultsOf(reading)
    if (faults.length > 0) return this.#tell(object, { state: 'faulty', detail: faults.join('; ') })
    if (claims.length === 0) {
      const detail = notes.join('; ') || 'names no Secret for a certificate'
      return this.#tell(object, { state: 'nothing', detail })
    }
    for (const claim of claims) {
      const located = locate(object, claim, { view: this.#view, settings })
      const outcome = 'ok' in located ? this.#place(located.ok) : located.problem
      const ignored = outcome.state === 'wanted' ? ignoredWish(claim.wishes, this.#config) : ''
      const detail = [outcome.detail, ignored, ...notes].filter((each) => each !== '').join('; ')
      this.#tell(object, { ...outcome, detail, secret: claim.secret })
    }
  }

  result(): Discovery {
    const { unreadable } = this.#view
    const whole = this.#config.discovery ? unreadable : []
    return {
      certificates: this.#groups.map(certificateOf),
      sources: [...whole.map(({ what: object, ...rest }) => ({ object, ...rest })), ...this.#sources],
      origins: new Map(this.#groups.map(({ name, members }) => [name, members.map(({ object }) => object)])),
    }
  }

  /** What the schema says of its annotations, with each of its claims by itself. */
  #faultsOf({ claims }: Reading): string[] {
    const faults = claims.flatMap((claim) => {
      const checked = this.#check(claim)
      return 'faults' in checked ? checked.faults : []
    })
    return [...new Set(faults)]
  }

  #check({ secret, place, domains, wishes }: Reading['claims'][number]) {
    return checkWish({ name: certificateName(secret, place), domains, wishes }, this.#config)
  }

  #place(claim: LocatedClaim): Problem & { readonly certificate?: string } {
    const configured = configuredFor(claim, this.#config)
    if (configured) return { ...besideConfigured(claim, configured), certificate: configured.name }
    const [first, second] = this.#groups.filter((group) => overlaps(group, claim))
    if (first && second) {
      const names = [first, second].map(({ members }) => members[0] && wordsFor(members[0].object))
      const detail = `reaches the Secrets of both ${names.join(' and ')}, which are not one certificate`
      return { state: 'conflict', detail, certificate: first.name }
    }
    return first ? this.#join(first, claim) : this.#open(claim)
  }

  #open(claim: LocatedClaim): Problem & { readonly certificate?: string } {
    const checked = this.#check(claim)
    if ('faults' in checked) return { state: 'faulty', detail: checked.faults.join('; ') }
    const group = groupOf(claim, checked.ok)
    if (this.#names.has(group.name) || this.#groups.some(({ name }) => name === group.name)) {
      const detail = `its certificate would be ${group.name}, and there is another one of that name`
      return { state: 'conflict', detail, certificate: group.name }
    }
    this.#groups.push(group)
    return { state: 'wanted', detail: '', certificate: group.name }
  }

  #join(group: SecretGroup, claim: LocatedClaim): Problem & { readonly certificate?: string } {
    const joined = join(group, claim, this.#config)
    if ('conflict' in joined) return { state: 'conflict', detail: joined.conflict, certificate: group.name }
    this.#groups[this.#groups.indexOf(group)] = joined.group
    return { state: 'wanted', detail: '', certificate: group.name }
  }

  #tell(object: ObjectRef, status: Omit<SourceStatus, 'object'>): void {
    this.#sources.push({ object: wordsFor(object), ...status, detail: status.detail.slice(0, 500) })
  }
}

/** One destination a gateway: members that share it share the Secret. */
function certificateOf({ checked, secret, members }: SecretGroup): CertificateConfig {
  const destinations = members.map(({ gateway, namespaces }): SecretDestinationConfig => ({
    secret: { name: secret, takeOver: false, gateway, namespaces },
  }))
  const distinct = new Map(destinations.map((each) => [JSON.stringify(each), each]))
  return { ...checked, destinations: [...distinct.values()] }
}
