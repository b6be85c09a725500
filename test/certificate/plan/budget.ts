/** Limits of the CA by our own count: what the plan does when one is used up. */
import t from 'tap'
import type { Budget } from '../../../src/budget/budget.ts'
import type { Ledger } from '../../../src/budget/ledger.ts'
import type { Limits } from '../../../src/budget/limits.ts'
import { plan, type World } from '../../../src/certificate/plan.ts'
import {
  attemptRecord,
  desired,
  hold,
  hour,
  inFlight,
  leaf,
  minute,
  now,
  record,
  request,
  unissued,
  world,
} from '../fixtures/builders.ts'
import { ari, holds, order, planRows, renewing, rest } from '../fixtures/plan-rows.ts'
import { renewalInfo } from '../fixtures/builders.ts'

const two: Limits = { newOrders: { limit: 2, windowMs: hour, reserve: 0 } }
const empty: Ledger = { newOrders: { '': now + hour } }
const budget = (ledger: Ledger = empty, limits: Limits = two): Budget => ({ limits, ledger })
const counted = (main: Budget = budget(), differs: Partial<World> = {}): Partial<World> => ({
  ...differs,
  budgets: new Map([['main', main]]),
})
const detail = 'newOrders: of 2 in 1h none is left for it'
const waits = (due: string, differs: object = {}) =>
  rest('OverBudget', { due, until: now + 30 * minute, detail, issuer: 'main', ...differs })

const perNames: Limits = { certificatesPerNames: { limit: 1, windowMs: hour, reserve: 0 } }
const namesUsedUp = budget({ certificatesPerNames: { 'book.example.com': now + hour } }, perNames)
const both = desired({ fallbackIssuer: 'other' })

planRows('a limit of the CA is used up', [
  { name: 'a first order waits', certificate: unissued(), world: counted(), steps: [waits('Placeholder')] },
  {
    name: 'with room it is placed',
    certificate: unissued(),
    world: counted(budget({ newOrders: { '': now + 30 * minute } })),
    steps: [order('Placeholder')],
  },
  {
    name: 'a moment before there is room it waits',
    certificate: unissued(),
    world: counted(budget({ newOrders: { '': now + 30 * minute + 1 } })),
    steps: [waits('Placeholder', { until: now + 1 })],
  },
  {
    name: 'of another issuer',
    certificate: unissued(),
    world: { budgets: new Map([['other', budget()]]) },
    steps: [order('Placeholder')],
  },
  {
    name: 'a renewal is exempt from orders',
    certificate: renewing(),
    world: counted(),
    steps: [order('RenewalTime')],
  },
  {
    name: 'a renewal counts as a certificate with these names',
    certificate: renewing(),
    world: counted(namesUsedUp),
    steps: [
      rest('OverBudget', {
        due: 'RenewalTime',
        until: now + hour,
        issuer: 'main',
        detail: 'certificatesPerNames of book.example.com: of 1 in 1h none is left for it',
      }),
    ],
  },
  {
    name: 'a renewal that names what it replaces is exempt from all',
    certificate: renewing({
      desired: ari,
      record: record({ renewalInfo: renewalInfo({ chosenAt: now - minute }) }),
    }),
    world: counted(namesUsedUp),
    steps: [order('RenewalWindow')],
  },
  {
    name: 'an order that the CA knows goes on',
    certificate: unissued({
      record: record({
        inFlight: inFlight(),
        attempts: [attemptRecord()],
        placeholder: { chainPem: 'placeholder', keyPem: 'key' },
      }),
    }),
    world: counted(),
    steps: [order('Missing', { resume: true })],
  },
  {
    name: 'the operator says "now": the limit of the CA stays',
    certificate: unissued({ request: request({ do: 'issue' }) }),
    world: counted(),
    steps: [waits('Placeholder')],
  },
  {
    name: 'the word of the CA is told first',
    certificate: unissued(),
    world: counted(budget(), holds({})),
    steps: [rest('LimitedByCa', { due: 'Placeholder', until: now + hour, detail: hold().detail })],
  },
  {
    name: 'the fallback is asked',
    certificate: unissued({ desired: both }),
    world: counted(),
    steps: [order('Placeholder', { issuer: 'other' })],
  },
  {
    name: 'not while the certificate is good for longer',
    certificate: renewing({ desired: both }),
    world: counted(namesUsedUp),
    steps: [
      rest('OverBudget', {
        due: 'RenewalTime',
        until: now + hour,
        issuer: 'main',
        detail: 'certificatesPerNames of book.example.com: of 1 in 1h none is left for it',
      }),
    ],
  },
  {
    name: 'what was spent cannot be read',
    certificate: unissued(),
    world: counted({ fault: 'is torn' }),
    steps: [
      rest('OverBudget', { due: 'Placeholder', until: now + minute, detail: 'is torn', issuer: 'main' }),
    ],
  },
])

const named = (name: string, differs: object = {}) =>
  unissued({ desired: desired({ name, domains: [`${name}.example.com`] }), ...differs })
const does = (all: readonly ReturnType<typeof named>[], differs: Partial<World>) =>
  Object.fromEntries(plan(world(all, differs)).steps.map((step) => [step.certificate, step.do]))

t.test('as many are ordered as fit, and the plan says when the next one does', (t) => {
  const planned = plan(
    world(
      ['a', 'b', 'c', 'd'].map((name) => named(name)),
      counted(budget({})),
    ),
  )
  t.same(
    planned.steps.map((step) => [step.certificate, step.do]),
    [
      ['a', 'order'],
      ['b', 'order'],
      ['c', 'rest'],
      ['d', 'rest'],
    ],
  )
  t.equal(planned.nextWakeAt, now + 30 * minute)
  t.end()
})

t.test('what runs has its place, though it is not counted yet', (t) => {
  const running = named('z', { running: true })
  t.same(does([named('a'), named('b'), running], counted(budget({}))), { a: 'order', b: 'rest', z: 'rest' })
  const placed = named('z', {
    running: true,
    record: record({ inFlight: inFlight({ domains: ['z.example.com'] }) }),
  })
  t.same(does([named('a'), named('b'), placed], counted(budget({}))), { a: 'order', b: 'order', z: 'rest' })
  t.end()
})

t.test('what expires first comes first', (t) => {
  const expiring = (name: string, notAfter: number) => {
    const of = leaf({ notBefore: now - 89 * 24 * hour, notAfter, names: ['before.example.com'] })
    const { stored } = renewing()
    return named(name, { ...(stored && { stored: { ...stored, leaf: of } }) })
  }
  const all = [expiring('a', now + 9 * hour), expiring('b', now + 2 * hour), expiring('c', now + 5 * hour)]
  const one: Limits = { newOrders: { limit: 1, windowMs: hour, reserve: 0 } }
  t.same(does(all, counted(budget({}, one))), { a: 'rest', b: 'order', c: 'rest' })
  t.end()
})

t.test('what is kept for renewals', (t) => {
  const limits: Limits = { newOrders: { limit: 10, windowMs: hour, reserve: 0.2 } }
  const all = Array.from({ length: 10 }, (_, index) => named(`n${index}`))
  const { steps } = plan(world(all, counted(budget({}, limits))))
  t.equal(steps.filter((step) => step.do === 'order').length, 8)
  t.match(steps.at(-1), {
    detail: 'newOrders: of 10 in 1h (of which 2 are kept for renewals) none is left for it',
  })
  t.end()
})
