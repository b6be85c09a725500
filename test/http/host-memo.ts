import t from 'tap'
import { hostMemo } from '../../src/http/host-memo.ts'
import { parseHost } from '../../src/http/host.ts'

t.test('the memo says what parseHost says, at first and again', async (t) => {
  const read = hostMemo({ hosts: 2, characters: 1_000 })
  for (const text of ['a.test', 'A.test:80', 'a.test', '', 'a..b', 'a..b', 'c.test', 'd.test', 'a.test']) {
    t.strictSame(read(text), parseHost(text), text)
  }
})

t.test('a remembered host is not read again, and a full memo starts over', async (t) => {
  const read = hostMemo({ hosts: 2, characters: 1_000 })
  const first = read('a.test')
  t.equal(read('a.test'), first)
  read('b.test')
  t.equal(read('a.test'), first, 'full, nothing is lost yet')
  read('c.test')
  t.not(read('a.test'), first, 'one more than it holds')
})

t.test('long hosts fill the memo sooner', async (t) => {
  const read = hostMemo({ hosts: 100, characters: 20 })
  const first = read('a.test')
  read('long-name.test')
  t.equal(read('a.test'), first, 'twenty characters are not too many')
  read('b.test')
  t.not(read('a.test'), first, 'one more is')
})
