/** Claims on one Secret become one certificate with the hosts of all of them, the oldest first. Pure. */
import { createHash } from 'node:crypto'
import type { CertificateConfig, Config } from '../config/schema.ts'
import { checkWish } from './check.ts'
import { selectorKey, wordsFor, type Place, type Wishes } from './claim.ts'
import type { LocatedClaim } from './located-claim.ts'
import { wishAnnotations } from './wishes.ts'

export interface SecretGroup {
  /** Of the oldest claim: another host or another object that joins makes no new certificate of it. */
  readonly name: string
  readonly secret: string
  readonly members: readonly LocatedClaim[]
  readonly domains: readonly string[]
  /** What any of them says; none contradicts another. */
  readonly wishes: Wishes
  readonly checked: CertificateConfig
}

export type Joined = { readonly group: SecretGroup } | { readonly conflict: string }

/** `checked` is the claim by itself, found right. */
export function groupOf(claim: LocatedClaim, checked: CertificateConfig): SecretGroup {
  const { secret, domains, wishes, place } = claim
  return { name: certificateName(secret, place), secret, members: [claim], domains, wishes, checked }
}

/** Of a claim that is younger than all that are in it. The conflict names the oldest of those. */
export function join(group: SecretGroup, claim: LocatedClaim, config: Config): Joined {
  const [oldest] = group.members
  const first = oldest ? wordsFor(oldest.object) : 'another object'
  const different = contradiction(claim.wishes, group.wishes)
  if (different !== undefined) {
    return {
      conflict: `wants ${different.annotation} ${different.own}, and ${first}, which is older, wants ${different.other}`,
    }
  }
  const domains = [...new Set([...group.domains, ...claim.domains])]
  const wishes = { ...claim.wishes, ...group.wishes }
  const checked = checkWish({ name: group.name, domains, wishes }, config)
  if ('faults' in checked) {
    return {
      conflict: `cannot join ${first}, which is older and has the same Secret: ${checked.faults.join('; ')}`,
    }
  }
  return { group: { ...group, members: [...group.members, claim], domains, wishes, checked: checked.ok } }
}

/** Whether both would be written into one and the same Secret. */
export function overlaps(group: SecretGroup, claim: LocatedClaim): boolean {
  if (group.secret !== claim.secret) return false
  const namespaces = group.members.flatMap((each) => each.namespaces)
  return claim.namespaces.some((each) => namespaces.includes(each))
}

/**
 * Names are for files, records and commands: lower case, digits, hyphens, at most 63. The hash keeps apart what is cut off
 * or equal; it is of nothing that changes while the Secret stays the same, since records and orders go by the name.
 */
export function certificateName(secret: string, place: Place): string {
  const where = place.by === 'pods' ? selectorKey(place.selector) : place.namespace
  const digest = createHash('sha256')
    .update(JSON.stringify([place.by, where, secret]))
    .digest('hex')
  const readable = secret.replaceAll('.', '-').slice(0, 54).replace(/-+$/, '')
  return `${readable}-${digest.slice(0, 8)}`
}

export interface Contradiction {
  readonly annotation: string
  readonly own: string
  readonly other: string
}

/** The first setting that both have a wish about, and not the same. */
export function contradiction(own: Wishes, other: Wishes): Contradiction | undefined {
  const keys = Object.keys(wishAnnotations) as (keyof Wishes)[]
  for (const key of keys) {
    const [mine, theirs] = [own[key], other[key]]
    if (mine === undefined || theirs === undefined || mine === theirs) continue
    return { annotation: wishAnnotations[key], own: mine, other: theirs }
  }
  return undefined
}
