/** How a finding reads. */
import t from 'tap'
import { findingLines, linesOf } from '../../../demo/walk-through/diagnosis.ts'

const object = { kind: 'Host', name: 'book.localhost' }
const rows = [
  [{ do: 'run', command: 'kubectl delete gateway old' }, 'kubectl delete gateway old'],
  [{ do: 'edit', yaml: 'httpsRedirect: false' }, 'httpsRedirect: false'],
  [{ do: 'act', words: 'let the path through' }, 'let the path through'],
] as const

for (const [fix, shown] of rows) {
  t.test(`a fix to ${fix.do}`, async (t) => {
    const seen = '401 from 127.0.0.1'
    const [first, why, how, more] = findingLines({
      ...{ code: 'P80-304', object, host: 'book.localhost', seen, fix },
    })
    t.equal(first, `P80-304 book.localhost: a login or filter stands in front: ${seen}`)
    t.match(why, /^ {2}why {3}The CA has no credentials/)
    t.equal(how, `  fix   ${shown}`)
    t.equal(more, '  more  docs/findings/P80-304.md')
  })
}

t.test('without a host the object is named', async (t) => {
  const fix = { do: 'act', words: 'look' } as const
  const at = { kind: 'Gateway', namespace: 'shop', name: 'web' }
  t.match(findingLines({ code: 'P80-101', object: at, seen: 'true', fix })[0], /^P80-101 Gateway shop\/web: /)
})

t.test('a finding of a name goes before the failed attempt, and nothing before both', async (t) => {
  const failure = { reason: 'SelfCheckFailed', detail: 'the front door answered 401' } as const
  const attempt = { at: 0, why: 'Missing', issuer: 'demo', outcome: 'failed', failure } as const
  const book = { name: 'book', domains: ['book.localhost'] }
  t.same(linesOf({ ...book, attempts: [] }, []), [])
  t.same(linesOf({ ...book, attempts: [attempt] }, []), [
    'book: SelfCheckFailed: the front door answered 401',
  ])
  const found = { code: 'P80-304', object, seen: '401', fix: { do: 'act', words: 'let it through' } } as const
  const other = { ...found, host: 'hello.localhost' }
  t.same(linesOf({ ...book, attempts: [] }, [other]), [])
  const lines = linesOf({ ...book, attempts: [attempt] }, [other, { ...found, host: 'book.localhost' }])
  t.match(lines[0], /^P80-304 book\.localhost: /)
})
