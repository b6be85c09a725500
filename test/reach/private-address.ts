import t from 'tap'
import { isPrivate } from '../../src/reach/private-address.ts'

t.test('what the Internet does not route is private', (t) => {
  for (const each of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.1.1',
    '::1',
    'fd00::1',
    'fe80::1',
  ])
    t.ok(isPrivate(each), each)
  for (const each of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])
    t.notOk(isPrivate(each), each)
  t.throws(() => isPrivate('book.example.com'), RangeError)
  t.end()
})
