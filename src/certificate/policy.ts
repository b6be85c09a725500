/**
 * Why a certificate must be ordered: named checks, the first that speaks gives the reason. Pure.
 * A check's name is a statement that is true when it speaks.
 */
import type { CertificateRecord, StoredPair } from '../state/records.ts'
import type { OrderReason } from '../reason.ts'
import { keyIsSuspect } from './attempt.ts'
import { sameNames, type Desired, type Leaf } from './certificate.ts'
import { nextRenewal } from './schedule.ts'

export interface PolicyInput {
  readonly desired: Desired
  readonly record: CertificateRecord
  /** The newest stored pair and what it says; `leaf` undefined when it does not parse. */
  readonly stored?: { readonly pair: StoredPair; readonly leaf: Leaf | undefined }
  readonly renewRequested: boolean
  readonly now: number
}

type Check = (input: Stored) => OrderReason | undefined
type Stored = PolicyInput & { readonly pair: StoredPair; readonly leaf: Leaf }

/** In this order: what makes the pair unusable first, then what makes it another than the wanted one, then time. */
const chain: readonly Check[] = [
  keyBelongsToAnotherCertificate,
  wasRevoked,
  hasExpired, // before NamesChanged: an expired pair is the worse news
  namesDiffer,
  wasIssuedByAnother, // staging → production is the usual case
  keyTypeDiffers,
  profileDiffers,
  renewalIsRequested,
  renewalMomentHasCome,
]

/** The reason to order now, or undefined: the stored pair is what is wanted. */
export function orderReason(input: PolicyInput): OrderReason | undefined {
  if (!input.stored) return input.record.placeholder ? 'Placeholder' : 'Missing'
  const { pair, leaf } = input.stored
  if (!leaf) return 'InvalidPair'
  const stored: Stored = { ...input, pair, leaf }
  for (const check of chain) {
    const reason = check(stored)
    if (reason) return reason
  }
  return undefined
}

function keyBelongsToAnotherCertificate({ leaf }: Stored): OrderReason | undefined {
  return leaf.keyMatches ? undefined : 'KeyMismatch'
}

/** Also when an older pair with the same key was. */
function wasRevoked({ pair, record }: Stored): OrderReason | undefined {
  return pair.revokedAt !== undefined || keyIsSuspect(record, pair.keyPem) ? 'Revoked' : undefined
}

function hasExpired({ leaf, now }: Stored): OrderReason | undefined {
  return leaf.notAfter <= now ? 'Expired' : undefined
}

function namesDiffer({ leaf, desired }: Stored): OrderReason | undefined {
  return sameNames(leaf.names, desired.domains) ? undefined : 'NamesChanged'
}

/** A pair of the fallback issuer is good until its renewal; one of an issuer that now points elsewhere is not. */
function wasIssuedByAnother({ pair, desired }: Stored): OrderReason | undefined {
  const wanted = pair.issuer === desired.issuer || pair.issuer === desired.fallbackIssuer
  return wanted && desired.directories[pair.issuer] === pair.directory ? undefined : 'IssuerChanged'
}

/** With reuseKey the old key stays, so its type stays too, unless the operator asks for another type: then it changes. */
function keyTypeDiffers({ leaf, desired }: Stored): OrderReason | undefined {
  return leaf.keyType === desired.keyType ? undefined : 'KeyTypeChanged'
}

function profileDiffers({ pair, desired }: Stored): OrderReason | undefined {
  return pair.profile === desired.profiles[pair.issuer] ? undefined : 'ProfileChanged'
}

function renewalIsRequested({ renewRequested }: Stored): OrderReason | undefined {
  return renewRequested ? 'RenewalRequested' : undefined
}

function renewalMomentHasCome({ leaf, desired, record, now }: Stored): OrderReason | undefined {
  const moment = nextRenewal(leaf, desired.renewal, record)
  if (moment.at > now) return undefined
  return moment.source === 'ari' ? 'RenewalWindow' : 'RenewalTime'
}
