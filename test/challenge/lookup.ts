import t from 'tap'
import { lookupName } from '../../src/challenge/lookup.ts'

type Options = Parameters<typeof lookupName>[1]

const ask = (host: string, options: Options) =>
  new Promise<unknown>((resolve) =>
    lookupName(host, options, (error, address, family) =>
      resolve(
        error ? error.code : Array.isArray(address) ? address.map((each) => each.address) : [address, family],
      ),
    ),
  )

const rows: readonly (readonly [string, string, Options, unknown])[] = [
  ['all of a name below localhost', 'book.localhost', { all: true }, ['127.0.0.1', '::1']],
  ['with a dot at the end, in capitals', 'Book.LOCALHOST.', { all: true }, ['127.0.0.1', '::1']],
  ['of one family', 'book.localhost', { all: true, family: 6 }, ['::1']],
  ['of one family by name', 'book.localhost', { all: true, family: 'IPv4' }, ['127.0.0.1']],
  ['one', 'book.localhost', {}, ['127.0.0.1', 4]],
  ['one of IPv6', 'localhost', { family: 6 }, ['::1', 6]],
  ['a name that only ends like it is the system’s', 'notlocalhost.invalid', { all: true }, /^E/],
  ['an address is what it is', '192.0.2.7', { all: true }, ['192.0.2.7']],
  ['an address, one', '192.0.2.7', {}, ['192.0.2.7', 4]],
]
for (const [name, host, options, expected] of rows) {
  t.test(name, async (t) => {
    t.match(await ask(host, options), expected)
  })
}
