import t from 'tap'
import { readHosts } from '../../src/discovery/hosts.ts'

const rows: readonly (readonly [
  name: string,
  hosts: readonly string[],
  names: readonly string[],
  skipped?: RegExp,
])[] = [
  ['a plain name', ['book.example.com'], ['book.example.com']],
  [
    'the namespace before the slash is nothing to a certificate',
    ['shop/book.example.com'],
    ['book.example.com'],
  ],
  ['so is the dot of its own namespace', ['./book.example.com'], ['book.example.com']],
  ['and the star of every namespace', ['*/book.example.com'], ['book.example.com']],
  ['capitals are put in lower case', ['Book.Example.com'], ['book.example.com']],
  ['a host that stands twice counts once', ['a.example.com', 'x/a.example.com'], ['a.example.com']],
  [
    'every host is no name',
    ['*', 'a.example.com'],
    ['a.example.com'],
    /host "\*" is left out: it is every host/,
  ],
  ['also of one namespace', ['shop/*'], [], /host "shop\/\*" is left out: it is every host/],
  [
    'a wildcard',
    ['*.example.com', 'a.example.com'],
    ['a.example.com'],
    /"\*\.example\.com" .* HTTP-01 cannot/,
  ],
  ['a single label', ['localhost'], [], /has no dot/],
  ['an empty host', [''], [], /names nothing/],
  ['a host that no DNS name is', ['a.example.com:443'], [], /is more than a name/],
  ['a long host is shown in part', [`${'a'.repeat(300)}.example.com`], [], /^host "a{79}…" is left out/],
]

for (const [name, hosts, names, skipped] of rows) {
  t.test(name, async (t) => {
    const read = readHosts(hosts)
    t.strictSame(read.names, names)
    t.equal(read.skipped.length, skipped ? 1 : 0)
    if (skipped) t.match(read.skipped[0], skipped)
  })
}
