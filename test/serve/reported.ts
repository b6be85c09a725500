import t from 'tap'
import type { LastingFinding } from '../../src/finding/reported.ts'
import { reportedBoard } from '../../src/serve/reported.ts'

const finding = (code: LastingFinding['code'], from: LastingFinding['from']): LastingFinding => ({
  ...{ code, from, object: { kind: 'Host', name: 'a.example.com' }, seen: 'seen', since: 1, lastSeen: 2 },
  fix: { do: 'act', words: 'mend it' },
})

t.test('each source replaces what it told itself, and nothing else', async (t) => {
  const board = reportedBoard()
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

t.test('whoever watches hears of everything that is set until it no longer wants to', async (t) => {
  const board = reportedBoard()
  let heard = 0
  const unheard = board.watch(() => heard++)
  board.set('usage', { plainHttp: [] })
  board.set('budget', { budget: [] })
  t.equal(heard, 2)
  unheard()
  board.set('usage', {})
  t.equal(heard, 2)
})
