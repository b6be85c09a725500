import t from 'tap'
import { orderReason, type PolicyInput } from '../../src/certificate/policy.ts'
import { orderReasons, type OrderReason } from '../../src/reason.ts'
import { day, desired, directories, leaf, now, record, renewalInfo, storedPair } from './fixtures/builders.ts'

/** A pair that is what is wanted. */
function input(differs: Partial<PolicyInput> = {}): PolicyInput {
  return {
    desired: desired(),
    record: record(),
    stored: { pair: storedPair(), leaf: leaf() },
    renewRequested: false,
    now,
    ...differs,
  }
}

function without(): PolicyInput {
  const { stored: _stored, ...bare } = input()
  return bare
}

interface Row {
  readonly name: string
  readonly input: PolicyInput
  readonly reason: OrderReason | undefined
}

const withPair = (differs: Parameters<typeof storedPair>[0]): NonNullable<PolicyInput['stored']> => ({
  pair: storedPair(differs),
  leaf: leaf(),
})
const withLeaf = (differs: Parameters<typeof leaf>[0]): NonNullable<PolicyInput['stored']> => ({
  pair: storedPair(),
  leaf: leaf(differs),
})

const fallback = desired({ fallbackIssuer: 'other' })
const fromFallback = withPair({ issuer: 'other', directory: directories.other })

const rows: readonly Row[] = [
  { name: 'nothing is stored', input: without(), reason: 'Missing' },
  {
    name: 'nothing but the placeholder is stored',
    input: { ...without(), record: record({ placeholder: { chainPem: 'c', keyPem: 'k' } }) },
    reason: 'Placeholder',
  },
  {
    name: 'what is stored does not parse',
    input: input({ stored: { pair: storedPair(), leaf: undefined } }),
    reason: 'InvalidPair',
  },
  {
    name: 'the key is another one',
    input: input({ stored: withLeaf({ keyMatches: false }) }),
    reason: 'KeyMismatch',
  },
  { name: 'it was revoked', input: input({ stored: withPair({ revokedAt: now - day }) }), reason: 'Revoked' },
  {
    name: 'it expires at this very moment',
    input: input({ stored: withLeaf({ notAfter: now }) }),
    reason: 'Expired',
  },
  {
    name: 'a name is missing',
    input: input({ desired: desired({ domains: ['book.example.com', 'www.example.com'] }) }),
    reason: 'NamesChanged',
  },
  {
    name: 'a name is too many',
    input: input({ stored: withLeaf({ names: ['book.example.com', 'old.example.com'] }) }),
    reason: 'NamesChanged',
  },
  {
    name: 'the same names in another order and case',
    input: input({
      desired: desired({ domains: ['a.example.com', 'b.example.com'] }),
      stored: withLeaf({ names: ['B.example.com', 'a.example.com'] }),
    }),
    reason: undefined,
  },
  {
    name: 'another issuer is configured (staging to production)',
    input: input({ desired: desired({ issuer: 'other' }) }),
    reason: 'IssuerChanged',
  },
  {
    name: 'the issuer of that name now points elsewhere',
    input: input({ desired: desired({ directories: { main: 'https://new.example/directory' } }) }),
    reason: 'IssuerChanged',
  },
  {
    name: 'a pair of the fallback issuer is good',
    input: input({ desired: fallback, stored: fromFallback }),
    reason: undefined,
  },
  {
    name: 'a pair of what was the fallback issuer is not',
    input: input({ stored: fromFallback }),
    reason: 'IssuerChanged',
  },
  {
    name: 'another key type is configured',
    input: input({ desired: desired({ keyType: 'rsa-2048' }) }),
    reason: 'KeyTypeChanged',
  },
  {
    name: 'another key type is configured, and the key is to be kept',
    input: input({ desired: desired({ keyType: 'rsa-2048', reuseKey: true }) }),
    reason: 'KeyTypeChanged',
  },
  {
    name: 'a profile is configured now',
    input: input({ desired: desired({ profiles: { main: 'shortlived' } }) }),
    reason: 'ProfileChanged',
  },
  {
    name: 'a profile is configured no more',
    input: input({ stored: withPair({ profile: 'shortlived' }) }),
    reason: 'ProfileChanged',
  },
  {
    name: 'the profile of the other issuer does not matter',
    input: input({ desired: desired({ fallbackIssuer: 'other', profiles: { other: 'shortlived' } }) }),
    reason: undefined,
  },
  { name: 'a renewal was asked for', input: input({ renewRequested: true }), reason: 'RenewalRequested' },
  {
    name: 'the moment in the window of the CA has come',
    input: input({
      desired: desired({ renewal: { ari: true } }),
      record: record({ renewalInfo: renewalInfo({ chosenAt: now }) }),
    }),
    reason: 'RenewalWindow',
  },
  {
    name: 'the moment in the window comes a millisecond later',
    input: input({
      desired: desired({ renewal: { ari: true } }),
      record: record({ renewalInfo: renewalInfo({ chosenAt: now + 1 }) }),
    }),
    reason: undefined,
  },
  {
    name: 'less than a third of the lifetime is left',
    input: input({ stored: withLeaf({ notBefore: now - 61 * day, notAfter: now + 29 * day }) }),
    reason: 'RenewalTime',
  },
  { name: 'all is well', input: input(), reason: undefined },
]

t.test('why a certificate is ordered', async (t) => {
  for (const { name, input, reason } of rows) {
    t.test(name, async (t) => t.equal(orderReason(input), reason))
  }
  const seen = new Set(rows.map(({ reason }) => reason))
  t.same(
    orderReasons.filter((reason) => !seen.has(reason)),
    [],
    'every reason has a row',
  )
})

/** Worst first. Each fault by itself gives its reason; with all that follow it, it still does. */
const faults: readonly {
  readonly reason: OrderReason
  readonly afflict: (input: PolicyInput) => PolicyInput
}[] = [
  { reason: 'KeyMismatch', afflict: (each) => changeLeaf(each, { keyMatches: false }) },
  { reason: 'Revoked', afflict: (each) => changePair(each, { revokedAt: now - day }) },
  {
    reason: 'Expired',
    afflict: (each) => changeLeaf(each, { notBefore: now - 90 * day, notAfter: now - day }),
  },
  { reason: 'NamesChanged', afflict: (each) => changeLeaf(each, { names: ['old.example.com'] }) },
  { reason: 'IssuerChanged', afflict: (each) => changePair(each, { directory: 'https://old.example/' }) },
  { reason: 'KeyTypeChanged', afflict: (each) => changeLeaf(each, { keyType: 'rsa-2048' }) },
  { reason: 'ProfileChanged', afflict: (each) => changePair(each, { profile: 'old' }) },
  { reason: 'RenewalRequested', afflict: (each) => ({ ...each, renewRequested: true }) },
  {
    reason: 'RenewalWindow',
    afflict: (each) => ({
      ...each,
      desired: desired({ renewal: { ari: true } }),
      record: record({ renewalInfo: renewalInfo({ chosenAt: now - day }) }),
    }),
  },
]

function changeLeaf(each: PolicyInput, differs: Parameters<typeof leaf>[0]): PolicyInput {
  const { pair = storedPair(), leaf: there = leaf() } = each.stored ?? {}
  return { ...each, stored: { pair, leaf: { ...there, ...differs } } }
}

function changePair(each: PolicyInput, differs: Parameters<typeof storedPair>[0]): PolicyInput {
  const { pair = storedPair(), leaf: there = leaf() } = each.stored ?? {}
  return { ...each, stored: { pair: { ...pair, ...differs }, leaf: there } }
}

t.test('the worst of several reasons is told', async (t) => {
  for (const [index, { reason, afflict }] of faults.entries()) {
    t.equal(orderReason(afflict(input())), reason, `${reason} alone`)
    const all = faults.slice(index).reduce((each, fault) => fault.afflict(each), input())
    t.equal(orderReason(all), reason, `${reason} before ${faults.length - index - 1} others`)
  }
})
