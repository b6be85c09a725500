import fc from 'fast-check'
import t from 'tap'
import type { Leaf } from '../../../src/certificate/certificate.ts'
import { refusalOfAll, type InstalledView } from '../../../src/certificate/install.ts'
import { plan, type CertificateWorld, type Step } from '../../../src/certificate/plan.ts'
import { orderReasons } from '../../../src/reason.ts'
import type { CertificateRecord } from '../../../src/state/records.ts'
import {
  attemptRecord,
  certificate,
  day,
  desired,
  directories,
  hold,
  inFlight,
  installed,
  leaf,
  now,
  record,
  renewalInfo,
  request,
  storedPair,
  unissued,
  world,
} from '../fixtures/builders.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const moment = fc.integer({ min: now - 400 * day, max: now + 400 * day })
const issuers = fc.constantFrom('main', 'other')

/** Usually what is well: a world in which everything is wrong at once hides what one fault does. */
const mostly = <T>(well: T, ...else_: readonly T[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(well) },
    { weight: 1, arbitrary: fc.constantFrom(well, ...else_) },
  )

/** Leaves out what is undefined: the records know no such members. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never
}

const leaves: fc.Arbitrary<Leaf> = fc
  .record({
    notBefore: moment,
    lifetime: fc.integer({ min: 1, max: 400 * day }),
    keyMatches: mostly(true, false),
    placeholder: mostly(false, true),
    keyType: mostly('ecdsa-p256', 'rsa-2048', 'ed25519'),
    names: mostly<readonly string[]>(['book.example.com'], ['www.example.com', 'book.example.com'], []),
    fingerprint: fc.constantFrom('aa'.repeat(32), 'bb'.repeat(32), 'cc'.repeat(32)),
  })
  .map(({ lifetime, ...rest }) => leaf({ ...rest, notAfter: rest.notBefore + lifetime }))

const desires = fc
  .record({
    issuer: issuers,
    fallbackIssuer: maybe(issuers),
    keyType: mostly<'ecdsa-p256' | 'rsa-2048'>('ecdsa-p256', 'rsa-2048'),
    profiles: mostly<Record<string, string>>({}, { main: 'shortlived' }),
    fingerprint: fc.constantFrom('configuration-1', 'configuration-2'),
    renewal: fc
      .record({ ari: fc.boolean(), renewBefore: maybe(fc.integer({ min: 1, max: 900 * day })) })
      .map(present),
  })
  .map((each) => desired(present(each)))

const attempts = fc.record({
  at: moment,
  endedAt: maybe(moment),
  why: fc.constantFrom(...orderReasons),
  issuer: issuers,
  outcome: fc.constantFrom('issued' as const, 'failed' as const, 'running' as const),
})

const records: fc.Arbitrary<CertificateRecord> = fc
  .record({
    failures: fc.nat({ max: 7 }),
    notBefore: maybe(moment),
    stoppedFor: maybe(fc.constantFrom('configuration-1', 'configuration-2')),
    primaryStoppedFor: maybe(fc.constantFrom('configuration-1', 'configuration-2')),
    failedFor: maybe(fc.constantFrom('configuration-1', 'configuration-2')),
    attempts: fc.array(
      attempts.map((each) => attemptRecord(present(each))),
      { maxLength: 3 },
    ),
    inFlight: maybe(issuers.map((issuer) => inFlight({ issuer, directory: directories[issuer] }))),
    renewalInfo: maybe(fc.record({ chosenAt: moment, askAgainAt: moment }).map((each) => renewalInfo(each))),
    placeholder: maybe(fc.constant({ chainPem: 'c', keyPem: 'k' })),
  })
  .map((each) => record(present(each)))

const views: fc.Arbitrary<InstalledView> = fc
  .tuple(
    fc.constantFrom('present' as const, 'absent' as const, 'foreign' as const, 'unreadable' as const),
    maybe(leaves),
  )
  .map(([state, there]) => ({ destination: '/d', state, ...(state === 'present' && { leaf: there }) }))

const requests = fc
  .record({
    do: fc.constantFrom('issue' as const, 'renew' as const, 'revoke' as const, 'rollover' as const),
    at: moment,
  })
  .map((each) => request(each))

const worlds: fc.Arbitrary<CertificateWorld> = fc
  .record({
    desired: desires,
    record: records,
    stored: maybe(
      fc.record({
        pair: fc
          .record({ issuer: issuers, revokedAt: maybe(moment) })
          .map(({ issuer, revokedAt }) =>
            storedPair(present({ issuer, directory: directories[issuer], revokedAt })),
          ),
        leaf: maybe(leaves),
      }),
    ),
    installed: fc.array(views, { maxLength: 3 }),
    request: maybe(requests),
    running: fc.boolean(),
  })
  .map((each) => {
    const { stored } = each
    const pairs = stored ? [stored.pair] : []
    return present({ ...each, record: { ...each.record, pairs } })
  })

const holds = fc.dictionary(
  issuers,
  fc.array(
    fc
      .record({
        kind: fc.constantFrom('issuer' as const, 'registeredDomain' as const, 'identifier' as const),
        value: fc.constantFrom('example.com', 'book.example.com'),
        until: moment,
      })
      .map((each) => hold(each)),
    { maxLength: 3 },
  ),
)

const numberOf = (steps: readonly Step[], ...kinds: readonly Step['do'][]) =>
  steps.filter((step) => kinds.includes(step.do)).length

t.test(
  'whatever the world is, each certificate has one thing that happens to it, and the next moment is ahead',
  async () => {
    fc.assert(
      fc.property(worlds, holds, (each, limits) => {
        const { steps, nextWakeAt } = plan(world([each], { holds: new Map(Object.entries(limits)) }))
        const ahead = nextWakeAt === undefined || nextWakeAt > now
        return (
          ahead &&
          numberOf(steps, 'order', 'rest', 'revoke') === 1 &&
          numberOf(steps, 'install') <= 1 &&
          numberOf(steps, 'placeholder') <= 1 &&
          numberOf(steps, 'askRenewalInfo') <= numberOf(steps, 'rest') &&
          numberOf(steps, 'dropRequest') <= (each.request ? 1 : 0)
        )
      }),
      { numRuns: 3_000 },
    )
  },
)

t.test('an order never goes to an issuer that a limit covers', async () => {
  fc.assert(
    fc.property(worlds, holds, (each, limits) => {
      const { steps } = plan(world([each], { holds: new Map(Object.entries(limits)) }))
      return steps.every(
        (step) =>
          step.do !== 'order' ||
          !limits[step.issuer]?.some(({ kind, until }) => kind === 'issuer' && until > now),
      )
    }),
    { numRuns: 3_000 },
  )
})

t.test('a valid certificate that is not due is never ordered, whatever failed before', async () => {
  fc.assert(
    fc.property(records, holds, fc.integer({ min: 61, max: 89 }), (known, limits, left) => {
      const own = leaf({ notBefore: now - (90 - left) * day, notAfter: now + left * day })
      // An order in flight is gone on with, and a moment that the CA chose is a reason: neither is there.
      const { inFlight: _inFlight, renewalInfo: _renewalInfo, ...rest } = known
      const each = certificate({
        record: { ...rest, pairs: [storedPair()] },
        stored: { pair: storedPair(), leaf: own },
        installed: [installed({ leaf: own })],
      })
      const { steps } = plan(world([each], { holds: new Map(Object.entries(limits)) }))
      return steps.length === 1 && steps[0]?.do === 'rest' && steps[0].reason === 'UpToDate'
    }),
  )
})

t.test('while every destination refuses, the CA hears of nothing but a revocation', async () => {
  fc.assert(
    fc.property(
      worlds,
      fc.array(fc.constantFrom('/d', '/e'), { minLength: 1, maxLength: 2 }),
      (each, ids) => {
        const refusing = ids.map((destination): InstalledView => ({ destination, state: 'foreign' }))
        const { steps } = plan(world([{ ...each, installed: refusing }]))
        return numberOf(steps, 'order', 'askRenewalInfo', 'install') === 0
      },
    ),
  )
})

t.test('one certificate changes nothing for another', async () => {
  fc.assert(
    fc.property(worlds, worlds, holds, (one, two, limits) => {
      const second = { ...two, desired: { ...two.desired, name: 'second' } }
      const of = (...all: CertificateWorld[]) =>
        plan(world(all, { holds: new Map(Object.entries(limits)) })).steps
      return JSON.stringify(of(one, second)) === JSON.stringify([...of(one), ...of(second)])
    }),
  )
})

t.test('what is missing is ordered now, when nothing speaks against it', async () => {
  fc.assert(
    fc.property(desires, fc.array(views, { maxLength: 3 }), (wanted, there) => {
      fc.pre(refusalOfAll(there) === undefined)
      const { steps } = plan(world([unissued({ desired: wanted, installed: there })]))
      return steps.some((step) => step.do === 'order' && step.issuer === wanted.issuer && !step.resume)
    }),
  )
})
