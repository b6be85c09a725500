import t from 'tap'
import { linksOf } from '../../src/acme/link-header.ts'

const base = 'https://ca.example/acme/cert/1'

const rows: readonly (readonly [string, string | undefined, readonly string[]])[] = [
  ['absent', undefined, []],
  ['one', '<https://ca.example/a>;rel="alternate"', ['https://ca.example/a']],
  ['bare relation and spaces', '<https://ca.example/a> ; rel = alternate', ['https://ca.example/a']],
  ['relative to what was asked', '</acme/cert/1/1>; rel="alternate"', ['https://ca.example/acme/cert/1/1']],
  [
    'several, of which some are others',
    '<https://ca.example/d>;rel="index", <https://ca.example/a>;rel="alternate", <b>;title="x, y";rel="ALTERNATE"',
    ['https://ca.example/a', 'https://ca.example/acme/cert/b'],
  ],
  ['one of several relations', '<https://ca.example/a>;rel="up alternate"', ['https://ca.example/a']],
  ['a relation that only begins alike', '<https://ca.example/a>;rel="alternates"', []],
  ['no relation', '<https://ca.example/a>', []],
  ['not a URL', '<http://[>;rel="alternate"', []],
  ['nonsense', '<<>>;;;rel=,', []],
]

for (const [name, header, expected] of rows) t.strictSame(linksOf(header, 'alternate', base), expected, name)

const many = Array.from({ length: 100 }, (_, index) => `</c/${index}>;rel="alternate"`).join(', ')
t.equal(linksOf(many, 'alternate', base).length, 20, 'no more than twenty, whatever the CA lists')
