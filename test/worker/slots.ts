import fc from 'fast-check'
import t from 'tap'
import { startable, type Act } from '../../src/worker/slots.ts'

const act = (certificate: string, differs: Partial<Act> = {}): Act => ({
  certificate,
  issuer: 'main',
  kind: 'order',
  expiry: 0,
  ...differs,
})
const many = (count: number, issuer: string, differs: Partial<Act> = {}) =>
  Array.from({ length: count }, (_, index) => act(`${issuer}${index}`, { issuer, ...differs }))
const names = (acts: readonly Act[]) => acts.map(({ certificate }) => certificate)

t.test('which acts begin', async (t) => {
  const rows: readonly {
    name: string
    due: readonly Act[]
    running?: readonly Act[]
    limit: number
    begin: readonly string[]
  }[] = [
    { name: 'nothing is due', due: [], limit: 8, begin: [] },
    { name: 'all of a few', due: many(3, 'main'), limit: 8, begin: ['main0', 'main1', 'main2'] },
    { name: 'as many as the bound allows', due: many(5, 'main'), limit: 2, begin: ['main0', 'main1'] },
    {
      name: 'those that run count',
      due: many(5, 'main'),
      running: [act('x'), act('y')],
      limit: 3,
      begin: ['main0'],
    },
    {
      name: 'none when all slots are taken',
      due: many(5, 'main'),
      running: [act('x'), act('y')],
      limit: 2,
      begin: [],
    },
    {
      name: 'none when the bound was lowered',
      due: many(5, 'main'),
      running: many(8, 'z'),
      limit: 2,
      begin: [],
    },
    { name: 'not what runs already', due: [act('a'), act('b')], running: [act('a')], limit: 8, begin: ['b'] },
    {
      name: 'what has no valid certificate first, then what expires first',
      due: [act('late', { expiry: 300 }), act('none'), act('soon', { expiry: 100 })],
      limit: 8,
      begin: ['none', 'soon', 'late'],
    },
    {
      name: 'each issuer in turn, however many one of them has',
      due: [...many(20, 'hangs'), act('other', { issuer: 'other', expiry: 900 })],
      limit: 3,
      begin: ['hangs0', 'other', 'hangs1'],
    },
    {
      name: 'the next slot goes to the issuer that has fewer',
      due: [...many(5, 'hangs'), act('other', { issuer: 'other' })],
      running: many(7, 'hangs').map((each) => ({ ...each, certificate: `r${each.certificate}` })),
      limit: 8,
      begin: ['other'],
    },
    {
      name: 'questions do not take the slots of orders, nor orders theirs',
      due: [...many(4, 'q', { kind: 'question' }), ...many(4, 'o')],
      limit: 2,
      begin: ['o0', 'o1', 'q0', 'q1'],
    },
    {
      name: 'one order for the same names at an issuer: the other waits for its end',
      due: [act('ecdsa', { names: 'a b' }), act('rsa', { names: 'a b' }), act('more', { names: 'a b c' })],
      limit: 8,
      begin: ['ecdsa', 'more'],
    },
    {
      name: 'also when that one runs already',
      due: [act('rsa', { names: 'a b' }), act('more', { names: 'a' })],
      running: [act('ecdsa', { names: 'a b' })],
      limit: 8,
      begin: ['more'],
    },
    {
      name: 'another issuer has orders of its own',
      due: [act('rsa', { names: 'a b' }), act('other', { issuer: 'other', names: 'a b' })],
      running: [act('ecdsa', { names: 'a b' })],
      limit: 8,
      begin: ['other'],
    },
  ]
  for (const { name, due, running, limit, begin } of rows) {
    t.test(name, async (t) => t.same(names(startable(due, running ?? [], limit)), begin))
  }
})

t.test('the bound holds, nothing begins twice, and no slot stays empty while something waits', async () => {
  const acts = fc.uniqueArray(
    fc.record({
      certificate: fc.string({ minLength: 1, maxLength: 3 }),
      issuer: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('order' as const, 'question' as const),
      expiry: fc.nat(),
    }),
    { selector: ({ certificate }) => certificate },
  )
  fc.assert(
    fc.property(acts, acts, fc.integer({ min: 1, max: 10 }), (due, running, limit) => {
      const begun = startable(due, running, limit)
      const busy = new Set(names(running))
      return (
        new Set(names(begun)).size === begun.length &&
        begun.every((each) => !busy.has(each.certificate) && due.includes(each)) &&
        (['order', 'question'] as const).every((kind) => {
          const of = (all: readonly Act[]) => all.filter((each) => each.kind === kind).length
          const waiting = due.filter((each) => each.kind === kind && !busy.has(each.certificate)).length
          return of(begun) === Math.max(0, Math.min(waiting, limit - of(running)))
        })
      )
    }),
  )
})
