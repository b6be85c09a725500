/** Servers or listeners of one object → its claims: one a Secret, with the hosts of all that refer to it. Pure. */
import { objectName } from '../config/kubernetes-schema.ts'
import { shown, type Claim, type ObjectRef, type Place, type Reading, type Wishes } from './claim.ts'
import { credentialsOf } from './credential-pair.ts'
import { readHosts } from './hosts.ts'
import type { ReadWishes } from './wishes.ts'

/** A Secret as a server names it. */
export interface Reference {
  readonly secret: string
  readonly place: Place
}

/** What terminates TLS with a certificate from Secrets. */
export interface Terminator {
  readonly hosts: readonly string[]
  readonly references: readonly Reference[]
}

/** What is read so far. */
export class Gathering {
  readonly #object: ObjectRef
  readonly #wishes: Wishes
  readonly #claims = new Map<string, { place: Place; secret: string; domains: Set<string>; wishes: Wishes }>()
  readonly #notes = new Set<string>()
  readonly #faults: Set<string>

  constructor(object: ObjectRef, { wishes, faults }: ReadWishes) {
    this.#object = object
    this.#wishes = wishes
    this.#faults = new Set(faults)
  }

  note(text: string): void {
    this.#notes.add(text)
  }

  fault(text: string): void {
    this.#faults.add(text)
  }

  add({ hosts, references }: Terminator): void {
    const { names, skipped } = readHosts(hosts)
    for (const each of skipped) this.note(each)
    const usable = references.filter(({ secret }) => this.#isSecretName(secret))
    const credentials = credentialsOf(
      usable.map(({ secret }) => secret),
      this.#wishes,
    )
    if ('fault' in credentials) return this.fault(credentials.fault)
    if (names.length === 0) return
    for (const [index, { secret, wishes }] of credentials.ok.entries()) {
      const place = usable[index]?.place
      if (place) this.#claim({ secret, place, wishes, domains: names })
    }
  }

  reading(): Reading {
    const claims = [...this.#claims.values()].map((each) => ({ ...each, domains: [...each.domains] }))
    const faults = [...this.#faults]
    return { object: this.#object, claims, notes: [...this.#notes], faults }
  }

  /** `kubernetes-gateway://…`, `sds://…` and the like are no names of Secrets beside the gateway. */
  #isSecretName(name: string): boolean {
    if (objectName.safeParse(name).success && !name.endsWith('-cacert')) return true
    const why = name.endsWith('-cacert') ? 'is the Secret of a client CA' : 'is no name of a Secret'
    this.note(`${shown(name)} ${why}: nothing is written for it`)
    return false
  }

  #claim({ secret, place, wishes, domains }: Claim): void {
    const key = JSON.stringify([secret, place, wishes.keyType])
    const known = this.#claims.get(key) ?? { secret, place, wishes, domains: new Set() }
    for (const each of domains) known.domains.add(each)
    this.#claims.set(key, known)
  }
}
