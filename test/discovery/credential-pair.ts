import t from 'tap'
import { credentialsOf } from '../../src/discovery/credential-pair.ts'

const rows: readonly (readonly [
  name: string,
  names: readonly string[],
  keyType: string | undefined,
  expected: readonly (readonly [secret: string, keyType: string | undefined])[] | RegExp,
])[] = [
  ['none', [], undefined, []],
  ['one has no type by its position', ['book'], undefined, [['book', undefined]]],
  ['one keeps its wish', ['book'], 'rsa-4096', [['book', 'rsa-4096']]],
  ['one twice is one', ['book', 'book'], undefined, [['book', undefined]]],
  [
    'of two the first is RSA',
    ['a', 'b'],
    undefined,
    [
      ['a', 'rsa-2048'],
      ['b', 'ecdsa-p256'],
    ],
  ],
  [
    'unless the second says so',
    ['b-ecdsa', 'b-rsa'],
    undefined,
    [
      ['b-ecdsa', 'ecdsa-p256'],
      ['b-rsa', 'rsa-2048'],
    ],
  ],
  [
    'a name that only contains the letters says nothing',
    ['a', 'universal'],
    undefined,
    [
      ['a', 'rsa-2048'],
      ['universal', 'ecdsa-p256'],
    ],
  ],
  [
    'two wishes in the order of the names',
    ['a', 'b'],
    'ecdsa-p384, rsa-3072',
    [
      ['a', 'ecdsa-p384'],
      ['b', 'rsa-3072'],
    ],
  ],
  ['one wish for two', ['a', 'b'], 'rsa-2048', /write an RSA and an ECDSA type/],
  [
    'two of one kind, of which a gateway takes one',
    ['a', 'b'],
    'rsa-2048,rsa-4096',
    /write an RSA and an ECDSA/,
  ],
  ['three wishes', ['a', 'b'], 'rsa-2048,ecdsa-p256,rsa-3072', /write an RSA and an ECDSA/],
  ['three Secrets', ['a', 'b', 'c'], undefined, /a gateway takes two/],
]

for (const [name, names, keyType, expected] of rows) {
  t.test(name, async (t) => {
    const read = credentialsOf(names, { issuer: 'x', ...(keyType !== undefined && { keyType }) })
    if (expected instanceof RegExp) return void t.match(read, { fault: expected })
    if ('fault' in read) return void t.fail(read.fault)
    t.strictSame(
      read.ok.map(({ secret, wishes }) => [secret, wishes.keyType]),
      expected,
    )
    t.ok(read.ok.every(({ wishes }) => wishes.issuer === 'x'))
  })
}
