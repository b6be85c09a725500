import t from 'tap'
import type { LastingFinding } from '../../src/finding/reported.ts'
import { reportedBoard } from '../../src/serve/reported.ts'

let now = 1_000

const finding = (code: LastingFinding['code'], from: LastingFinding['from']): LastingFinding => ({
  ...{ code, from, object: { kind: 'Host', name: 'a.example.com' }, seen: 'seen', since: 1, lastSeen: 2 },
  fix: { do: 'act', words: 'mend it' },
})

t.test('each source replaces what it told itself, and nothing else', async (t) => {
  const board = reportedBoard(() => now)
  const codes = () => board.current().findings?.map(({ code }) => code)
  t.same(board.current(), {})
  board.set('lint', { findings: [finding('P80-101', 'lint')] })
  board.set('canary', { findings: [finding('P80-301', 'canary')], legs: [] })
  t.same(codes(), ['P80-101', 'P80-301'])
  t.equal(board.current(), board.current(), 'the same object until something is set')
  board.set('lint', { findings: [] })
  t.same(codes(), ['P80-301'])
  board.set('canary', {})
  t.same(board.current(), { findings: [], looked: ['lint', 'canary'] })
  board.forget()
  t.same(board.current(), {})
})

t.test('when it was looked last outlives the leader that did, and each part tells its own', async (t) => {
  const board = reportedBoard(() => now)
  const times = () => board.current().lookedAt ?? []
  board.inherit({
    lookedAt: [
      { look: 'canary', at: 5 },
      { look: 'serving', at: 6 },
    ],
  })
  t.same(times(), [
    { look: 'canary', at: 5 },
    { look: 'serving', at: 6 },
  ])
  board.set('canary', { findings: [], lookedAt: [{ look: 'canary', at: 9 }] })
  board.set('serving', { findings: [], lookedAt: [] })
  t.same(times(), [
    { look: 'canary', at: 9 },
    { look: 'serving', at: 6 },
  ])
})

t.test('whoever watches hears of everything that is set until it no longer wants to', async (t) => {
  const board = reportedBoard(() => now)
  let heard = 0
  const unheard = board.watch(() => heard++)
  board.set('usage', { plainHttp: [] })
  board.set('budget', { budget: [] })
  t.equal(heard, 2)
  unheard()
  board.set('usage', {})
  t.equal(heard, 2)
})

t.test('what the leader before found stands until its own source has told something', async (t) => {
  const board = reportedBoard(() => now)
  const codes = () => board.current().findings?.map(({ code }) => code) ?? []
  const legs = [{ host: 'a.example.com', leg: 'inside', at: 'a/b', ok: true, checkedAt: 3 }] as const
  const before = [finding('P80-101', 'lint'), finding('P80-301', 'canary'), finding('P80-401', 'serving')]
  board.set('lint', { findings: [{ ...finding('P80-101', 'lint'), since: 900 }] })
  board.inherit({ findings: before, legs, looked: ['lint', 'canary', 'serving'] })
  t.same(codes(), ['P80-101', 'P80-301', 'P80-401'])
  t.equal(board.current().findings?.[0]?.since, 1, 'it has lasted since it was seen first')
  t.same(board.current().looked, ['lint'], 'who has looked since is nobody else')
  t.same(board.current().legs, legs)
  board.set('canary', { findings: [], legs: [] })
  t.same(codes(), ['P80-101', 'P80-401'], 'what was not seen again has ended')
  t.same(board.current().legs, [])
  t.same(board.inherited().findings, before)
  now += 3_600_000
  t.same(codes(), ['P80-101'], 'and nobody believes for ever what nobody looks at')
  t.same(board.inherited(), {})
  board.inherit({ findings: before })
  board.forget()
  t.same(board.current(), {})
})

t.test('what the leader before had no room for is still missing, until its part is told anew', async (t) => {
  const board = reportedBoard(() => now)
  board.inherit({ budget: [], plainHttp: [], leftOut: { budget: 2, plainHttp: 3 } })
  t.same(board.current().leftOut, { budget: 2, plainHttp: 3 })
  board.set('budget', { budget: [] })
  t.same(board.current().leftOut, { plainHttp: 3 })
  board.set('usage', { plainHttp: [] })
  t.equal(board.current().leftOut, undefined)
})
