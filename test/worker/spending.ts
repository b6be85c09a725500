import t from 'tap'
import type { Limits } from '../../src/budget/limits.ts'
import { Port80Failure } from '../../src/reason.ts'
import { openJournals } from '../../src/serve/stores.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import type { BudgetRecord } from '../../src/state/records.ts'
import { budgetOf } from '../../src/worker/spending.ts'
import { failureOf } from '../acme/fixtures/bench.ts'
import { directories, hour, minute, now } from '../certificate/fixtures/builders.ts'

const three: Limits = {
  newAccounts: { limit: 1, windowMs: hour, reserve: 0 },
  newOrders: { limit: 3, windowMs: hour, reserve: 0 },
  certificatesPerDomain: { limit: 2, windowMs: hour, reserve: 0 },
  failedValidations: { limit: 2, windowMs: hour, reserve: 0 },
}

function scene(limits: Limits | undefined = three) {
  const state = memoryStateStore()
  const at: { now: number; limits: Limits | undefined } = { now, limits }
  const lines: object[] = []
  const log = {
    info: (fields: object) => void lines.push({ level: 'info', ...fields }),
    warn: (fields: object) => void lines.push({ level: 'warn', ...fields }),
  }
  const open = (journals = openJournals(state), directory = directories.main) =>
    budgetOf(
      { issuer: 'main', directory },
      { budgets: journals.budgets, limitsOf: () => at.limits, now: () => at.now, log },
    )
  const stored = async () => {
    const found = await state.read('budget/main')
    return found && (JSON.parse(found.text) as BudgetRecord).fullAt
  }
  return { state, at, lines, open, stored }
}

const first = (...names: string[]) => ({ kind: 'first', names }) as const

t.test('what an order takes is durable when it may go on', async (t) => {
  const { open, stored } = scene()
  await open().spend(first('a.example.com', 'b.example.com'))
  t.same(await stored(), {
    newOrders: { '': now + 20 * minute },
    certificatesPerDomain: { 'example.com': now + 30 * minute },
  })
})

t.test('a process that was killed between the spend and the order has spent', async (t) => {
  const { open } = scene()
  await open().spend(first('a.example.com'))
  await open().spend(first('a.example.com'))
  const failure = await failureOf(open().spend(first('a.example.com')))
  t.match(failure, {
    reason: 'BudgetSpent',
    detail: 'certificatesPerDomain of example.com: of 2 in 1h none is left for it',
    retryAt: now + 30 * minute,
  })
})

t.test('of ten orders at once as many go on as fit, in two processes too', async (t) => {
  const { state, open, stored } = scene()
  const journals = [openJournals(state), openJournals(state)]
  const ends = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => open(journals[index % 2]).spend(first(`${index}.test`))),
  )
  t.equal(ends.filter(({ status }) => status === 'fulfilled').length, 3)
  t.same((await stored())?.newOrders, { '': now + hour })
})

t.test('what did not fit took nothing', async (t) => {
  const { open, stored } = scene()
  await open().spend(first('example.com'))
  await open().spend(first('example.com'))
  const before = await stored()
  t.match(await failureOf(open().spend(first('example.com'))), { reason: 'BudgetSpent' })
  t.same(await stored(), before)
})

t.test('it goes on at the moment that was named', async (t) => {
  const { at, open } = scene()
  await open().spend(first('example.com'))
  await open().spend(first('example.com'))
  at.now = now + 30 * minute - 1
  t.match(await failureOf(open().spend(first('example.com'))), { retryAt: now + 30 * minute })
  at.now += 1
  await t.resolves(open().spend(first('example.com')))
})

t.test('an order without a certificate gives the certificate back, and stays an order', async (t) => {
  const { open, stored } = scene()
  await open().spend(first('example.com'))
  await open().giveBack(first('example.com'))
  t.same(await stored(), { newOrders: { '': now + 20 * minute } })
})

t.test('failed validations are counted by name, whatever its case', async (t) => {
  const { open } = scene()
  await open().validationFailed('A.example.com')
  await open().validationFailed('a.example.com')
  t.match(await failureOf(open().spend(first('a.example.com'))), {
    reason: 'BudgetSpent',
    detail: 'failedValidations of a.example.com: of 2 in 1h none is left for it',
  })
  await t.resolves(open().spend(first('b.example.com')))
})

t.test('accounts', async (t) => {
  const { open } = scene()
  await open().account()
  t.match(await failureOf(open().account()), { reason: 'BudgetSpent', retryAt: now + hour })
})

t.test('nothing is counted, and nothing written, for an issuer without limits', async (t) => {
  const { at, open, stored } = scene()
  at.limits = undefined
  for (let times = 0; times < 10; times++) await open().spend(first('example.com'))
  await open().account()
  await open().validationFailed('example.com')
  t.equal(await stored(), undefined)
})

t.test('another CA under the same name starts anew', async (t) => {
  const { open, stored } = scene()
  await open().spend(first('example.com'))
  await open(undefined, directories.other).spend(first('a.test'))
  t.same((await stored())?.certificatesPerDomain, { 'a.test': now + 30 * minute })
})

t.test('a record that cannot be read is not overwritten, and nothing is ordered', async (t) => {
  const { state, lines, open } = scene()
  await state.write('budget/main', 'torn', undefined)
  t.match(await failureOf(open().spend(first('example.com'))), {
    reason: 'StoreFailed',
    detail: /^budget\/main/,
  })
  await t.resolves(open().giveBack(first('example.com')))
  await t.resolves(open().validationFailed('example.com'))
  t.equal((await state.read('budget/main'))?.text, 'torn')
  const line = { level: 'warn', issuer: 'main', reason: 'StoreFailed', detail: /^budget\/main/ }
  t.match(lines, [line, line])
})

const refusals: { name: string; error: Error; ends: object | undefined; lines: object[] }[] = [
  {
    name: 'a store that refuses is told, and stops no order',
    error: new Port80Failure({ reason: 'StoreFailed', detail: 'no space' }),
    ends: undefined,
    lines: [{ level: 'warn', issuer: 'main', reason: 'StoreFailed', detail: 'no space' }],
  },
  {
    name: 'the end of a term is told as what it is',
    error: new Port80Failure({ reason: 'LeadershipLost', detail: 'another' }),
    ends: undefined,
    lines: [{ level: 'info', issuer: 'main', reason: 'LeadershipLost', detail: 'another' }],
  },
  {
    name: 'a record that our own reading refuses is a bug, and comes out',
    error: new Port80Failure({ reason: 'InternalError', detail: 'budget/main it was not written' }),
    ends: { message: /^InternalError/ },
    lines: [],
  },
  { name: 'a bug comes out', error: new TypeError('of ours'), ends: { message: 'of ours' }, lines: [] },
]
for (const { name, error, ends, lines: told } of refusals) {
  t.test(name, async (t) => {
    const { state, lines, open } = scene()
    const refusing = { ...openJournals(state) }
    refusing.budgets = { ...refusing.budgets, change: () => Promise.reject(error) }
    for (const act of [
      () => open(refusing).giveBack(first('example.com')),
      () => open(refusing).validationFailed('example.com'),
    ]) {
      lines.length = 0
      t.match(await act().catch((thrown: unknown) => thrown), ends)
      t.strictSame(lines, told)
    }
  })
}
