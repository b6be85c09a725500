/**
 * What the outside leg of one host means: its names in the DNS, and what each of its addresses answered. Pure. Whoever looks
 * stands inside: what he cannot reach, the CA may well reach. So silence is an accusation only where nothing says that it
 * is our place that cannot be reached from here.
 */
import { judgeAnswer, judgeSilence, type Judgement } from './answer.ts'
import type { Asked } from './ask-once.ts'
import { judgeCaa } from './caa.ts'
import { findingOf } from './look-finding.ts'
import type { LegLook } from './leg-look.ts'
import type { NameFacts, NoRecords, Records } from './names.ts'
import { isPrivate } from './private-address.ts'

export interface AskedAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly asked: Asked
}

export interface OutsideFacts {
  readonly host: string
  readonly names: NameFacts
  /** Empty where the names give no address. */
  readonly addresses: readonly AskedAddress[]
  /** `resolvers` are configured: what they say is what the CA hears, private addresses too. */
  readonly publicView: boolean
  /** Every gateway pod answered well, one did not, or none was asked. */
  readonly inside: 'well' | 'bad' | 'absent'
  /** Names by which the CA goes in CAA records; undefined: not known, not judged. */
  readonly identities: readonly string[] | undefined
}

export function judgeOutside(facts: OutsideFacts): LegLook[] {
  const { addresses } = facts
  if (addresses.length === 0) return [nameless(facts)]
  return [...caaLook(facts), ...addresses.map((each) => addressLook(each, facts))]
}

const rank: readonly NoRecords[] = ['servfail', 'silent', 'noName', 'noAddress']

function nameless({ host, names: { four, six }, publicView }: OutsideFacts): LegLook {
  const at = { host, leg: 'outside', at: host } as const
  const none = rank.find((each) => noneOf(four) === each || noneOf(six) === each)
  if (none === 'silent' || none === undefined)
    return { ...at, unjudged: 'no DNS server answered: see resolvers' }
  const seen = {
    servfail: publicView ? 'its DNS servers fail (SERVFAIL)' : 'the DNS of this network fails (SERVFAIL)',
    noName: 'the name does not exist (NXDOMAIN)',
    noAddress: 'the name has neither an A nor an AAAA record',
  }[none]
  // A resolver of this network says it when it cannot reach others itself.
  const code = none === 'servfail' && !publicView ? 'P80-312' : 'P80-310'
  return { ...at, finding: findingOf({ code, seen }, host, host) }
}

function noneOf(records: Records): NoRecords | undefined {
  return 'none' in records ? records.none : undefined
}

/** Nothing where it is allowed: the way itself says that it is well. */
function caaLook({ host, names, identities }: OutsideFacts): LegLook[] {
  if (identities === undefined || names.caa.length === 0) return []
  const verdict = judgeCaa(names.caa, identities)
  if (verdict.is !== 'forbidden') return []
  const { at, others } = verdict
  const only = others.length === 0 ? 'nobody' : others.slice(0, 3).join(', ')
  const seen = `the CAA record of ${at} lets only ${only} issue by HTTP-01, and not ${identities.slice(0, 3).join(', ')}`
  return [
    {
      ...{ host, leg: 'outside', at: host },
      finding: findingOf({ code: 'P80-311', seen }, host, host, identities[0]),
    },
  ]
}

type Verdict = { readonly ok: true } | { readonly unjudged: string } | Judgement

function addressLook(each: AskedAddress, facts: OutsideFacts): LegLook {
  const { host } = facts
  const { address: at, asked } = each
  const verdict = judgeAddress(each, facts)
  const replica = 'facts' in asked ? asked.replica : undefined
  const look = { host, leg: 'outside', at, ...(replica !== undefined && { replica }) } as const
  if ('ok' in verdict) return look
  if ('unjudged' in verdict) return { ...look, unjudged: verdict.unjudged }
  return { ...look, finding: findingOf(verdict, host, at) }
}

function judgeAddress(each: AskedAddress, facts: OutsideFacts): Verdict {
  const judgement = judged(each)
  if (judgement === undefined) return { ok: true }
  for (const rule of rules) {
    const verdict = rule(each, judgement, facts)
    if (verdict !== undefined) return verdict
  }
  return judgement
}

function judged({ asked }: AskedAddress): Judgement | undefined {
  return 'silence' in asked ? judgeSilence(asked.silence) : judgeAnswer(asked.facts)
}

type Rule = (each: AskedAddress, judgement: Judgement, facts: OutsideFacts) => Verdict | undefined

/** In this order; the first that says something is it. */
const rules: readonly Rule[] = [noSixHere, explainedInside, ownPlaceOnly, sixElsewhere, hairpin]

/** Most clusters have no IPv6, and Let's Encrypt has. An address that nobody routes leads nobody here, seen from anywhere. */
function noSixHere(
  { address, family, asked }: AskedAddress,
  _: Judgement,
  { publicView }: OutsideFacts,
): Verdict | undefined {
  if (family !== 6 || !('silence' in asked) || asked.silence !== 'noRoute') return undefined
  if (publicView && isPrivate(address)) return undefined
  return { unjudged: 'there is no IPv6 from here' }
}

/** Where no gateway pod answers well, an address that answers nothing, or with the load balancer's own page, is no news. */
function explainedInside(
  _: AskedAddress,
  { code }: Judgement,
  { inside }: OutsideFacts,
): Verdict | undefined {
  if (inside !== 'bad' || !(nothingThere(code) || code === 'P80-305')) return undefined
  return { unjudged: 'the gateway pods do not answer well either' }
}

/**
 * The DNS that a cluster or an office has for itself. Where each gateway pod answers well, whoever answers there is another
 * way in, with redirects and logins of its own; where no pod was asked, an answer through a gateway is all there is to judge.
 */
function ownPlaceOnly(
  each: AskedAddress,
  { code, seen }: Judgement,
  facts: OutsideFacts,
): Verdict | undefined {
  if (facts.publicView || !isPrivate(each.address)) return undefined
  const otherWayIn = facts.inside === 'well' || nothingThere(code) || code === 'P80-305'
  if (!otherWayIn) return undefined
  const others = facts.addresses.some((other) => judged(other) === undefined)
  if (others) return { unjudged: 'a private address: it is not what the CA comes to' }
  return { code: 'P80-312', seen: `a private address, seen from here only, ${seen}` }
}

function sixElsewhere(
  { family }: AskedAddress,
  { seen }: Judgement,
  { addresses }: OutsideFacts,
): Verdict | undefined {
  const fourWell = addresses.some((each) => each.family === 4 && judged(each) === undefined)
  return family === 6 && fourWell
    ? { code: 'P80-309', seen: `${seen}, while the A record leads here` }
    : undefined
}

/** A load balancer that does not let its own clients in drops them. One that refuses says that nobody listens. */
function hairpin(
  _: AskedAddress,
  { code, seen }: Judgement,
  { inside, addresses }: OutsideFacts,
): Verdict | undefined {
  if (inside !== 'well' || code !== 'P80-307') return undefined
  const silent = addresses.every((each) => judged(each)?.code === 'P80-307')
  return silent ? { code: 'P80-312', seen: `${seen}, while each gateway pod answers well` } : undefined
}

function nothingThere(code: Judgement['code']): boolean {
  return code === 'P80-306' || code === 'P80-307'
}
