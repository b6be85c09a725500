import fc from 'fast-check'
import t from 'tap'
import { coveringHold, identifierSetKey, withHold, type Hold } from '../../src/certificate/hold.ts'
import type { Failure, LimitScope } from '../../src/reason.ts'
import { day, failure, hold, hour, minute, now } from './fixtures/builders.ts'

t.test('what a limit covers', async (t) => {
  const rows: readonly { name: string; hold: Hold; domains: readonly string[]; covered: boolean }[] = [
    { name: 'an issuer: everything', hold: hold(), domains: ['any.example.net'], covered: true },
    {
      name: 'an identifier: the very name',
      hold: hold({ kind: 'identifier', value: 'a.example.com' }),
      domains: ['b.example.com', 'a.example.com'],
      covered: true,
    },
    {
      name: 'an identifier: no sub-domain of it',
      hold: hold({ kind: 'identifier', value: 'example.com' }),
      domains: ['a.example.com'],
      covered: false,
    },
    {
      name: 'an identifier: an address',
      hold: hold({ kind: 'identifier', value: '2001:db8::1' }),
      domains: ['2001:db8::1'],
      covered: true,
    },
    {
      name: 'a registered domain: itself',
      hold: hold({ kind: 'registeredDomain', value: 'example.com' }),
      domains: ['example.com'],
      covered: true,
    },
    {
      name: 'a registered domain: what is below it',
      hold: hold({ kind: 'registeredDomain', value: 'example.com' }),
      domains: ['other.example.net', 'deep.a.example.com'],
      covered: true,
    },
    {
      name: 'a registered domain: no name that merely ends so',
      hold: hold({ kind: 'registeredDomain', value: 'example.com' }),
      domains: ['badexample.com', 'example.com.evil.net'],
      covered: false,
    },
    {
      name: 'an exact set: in any order',
      hold: hold({ kind: 'identifierSet', value: identifierSetKey(['a.example.com', 'b.example.com']) }),
      domains: ['b.example.com', 'a.example.com'],
      covered: true,
    },
    {
      name: 'an exact set: one name more is another set',
      hold: hold({ kind: 'identifierSet', value: identifierSetKey(['a.example.com']) }),
      domains: ['a.example.com', 'b.example.com'],
      covered: false,
    },
    {
      name: 'at its end it is over',
      hold: hold({ until: now }),
      domains: ['a.example.com'],
      covered: false,
    },
    {
      name: 'a millisecond before its end it is not',
      hold: hold({ until: now + 1 }),
      domains: ['a.example.com'],
      covered: true,
    },
  ]
  for (const { name, hold, domains, covered } of rows) {
    t.test(name, async (t) => t.equal(coveringHold([hold], { domains }, now), covered ? hold : undefined))
  }
})

t.test('of several limits the furthest counts', async (t) => {
  const [soon, late] = [
    hold({ until: now + minute }),
    hold({ until: now + day, kind: 'identifier', value: 'a' }),
  ]
  t.equal(coveringHold([soon, late], { domains: ['a'] }, now), late)
  t.equal(coveringHold([late, soon], { domains: ['a'] }, now), late)
  t.equal(coveringHold([late, soon], { domains: ['b'] }, now), soon, 'one that does not cover does not count')
  t.equal(coveringHold([], { domains: ['a'] }, now), undefined)
})

const limited = (scope: LimitScope, differs: Partial<Failure> = {}): Failure =>
  failure({ reason: 'AcmeRateLimited', detail: 'too many', retryAt: now + hour, scope, ...differs })

t.test('the holds after a failure', async (t) => {
  const domains = ['b.example.com', 'a.example.com']
  const rows: readonly {
    name: string
    before?: readonly Hold[]
    failure: Failure
    after: readonly Partial<Hold>[]
  }[] = [
    {
      name: 'a limit of the issuer',
      failure: limited({ kind: 'issuer' }),
      after: [
        { kind: 'issuer', until: now + hour, since: now, reason: 'AcmeRateLimited', detail: 'too many' },
      ],
    },
    {
      name: 'of an exact set: the set of this certificate',
      failure: limited({ kind: 'identifierSet' }),
      after: [{ kind: 'identifierSet', value: 'a.example.com,b.example.com' }],
    },
    {
      name: 'of a registered domain',
      failure: limited({ kind: 'registeredDomain', value: 'example.com' }),
      after: [{ kind: 'registeredDomain', value: 'example.com' }],
    },
    {
      name: 'of an identifier',
      failure: limited({ kind: 'identifier', value: 'a.example.com' }),
      after: [{ kind: 'identifier', value: 'a.example.com' }],
    },
    { name: 'no limit', failure: failure({ retryAt: now + hour }), after: [] },
    { name: 'no moment', failure: failure({ scope: { kind: 'issuer' } }), after: [] },
    { name: 'a moment that has passed', failure: limited({ kind: 'issuer' }, { retryAt: now }), after: [] },
    {
      name: 'a moment between two milliseconds',
      failure: limited({ kind: 'issuer' }, { retryAt: now + 10.4 }),
      after: [{ until: now + 10 }],
    },
    {
      name: 'a moment in a year is a mistake, and counts as a week',
      failure: limited({ kind: 'issuer' }, { retryAt: now + 366 * day }),
      after: [{ until: now + 7 * day }],
    },
    {
      name: 'what has ended is dropped',
      before: [hold({ until: now }), hold({ until: now - day, kind: 'identifier', value: 'x' })],
      failure: failure(),
      after: [],
    },
    {
      name: 'the same limit again, later: kept once, with the later end',
      before: [hold({ until: now + minute })],
      failure: limited({ kind: 'issuer' }),
      after: [{ kind: 'issuer', until: now + hour }],
    },
    {
      name: 'the same limit again, sooner: the later end stays',
      before: [hold({ until: now + day })],
      failure: limited({ kind: 'issuer' }),
      after: [{ kind: 'issuer', until: now + day }],
    },
    {
      name: 'another name is another limit',
      before: [hold({ kind: 'identifier', value: 'a.example.com' })],
      failure: limited({ kind: 'identifier', value: 'b.example.com' }),
      after: [{ value: 'a.example.com' }, { value: 'b.example.com' }],
    },
  ]
  for (const { name, before, failure, after } of rows) {
    t.test(name, async (t) => {
      const holds = withHold(before ?? [], failure, domains, now)
      t.equal(holds.length, after.length)
      t.match(holds, after)
    })
  }
})

t.test('however many limits there are, a thousand at most are kept, the longest ones', async (t) => {
  const scopes: fc.Arbitrary<LimitScope> = fc.oneof(
    fc.constant({ kind: 'issuer' } as const),
    fc.constant({ kind: 'identifierSet' } as const),
    fc.domain().map((value) => ({ kind: 'identifier', value }) as const),
    fc.domain().map((value) => ({ kind: 'registeredDomain', value }) as const),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(scopes, fc.integer({ min: -day, max: 400 * day })), { maxLength: 40 }),
      (steps) => {
        let holds: readonly Hold[] = []
        for (const [scope, ahead] of steps) {
          holds = withHold(holds, limited(scope, { retryAt: now + ahead }), ['a.example.com'], now)
        }
        const keys = holds.map(({ kind, value }) => `${kind} ${value}`)
        return (
          new Set(keys).size === keys.length &&
          holds.every(({ until }) => until > now && until <= now + 7 * day && Number.isInteger(until))
        )
      },
    ),
  )
  const full = Array.from({ length: 1_000 }, (_, index) =>
    hold({ kind: 'identifier', value: `n${index}`, until: now + hour + index }),
  )
  const holds = withHold(full, limited({ kind: 'identifier', value: 'new' }, { retryAt: now + day }), [], now)
  t.equal(holds.length, 1_000)
  t.equal(
    holds.some(({ value }) => value === 'new'),
    true,
  )
  t.equal(
    holds.some(({ value }) => value === 'n0'),
    false,
    'the one that ends first gave way',
  )
})
