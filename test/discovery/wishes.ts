import t from 'tap'
import { isAddressed, readWishes } from '../../src/discovery/wishes.ts'

const managed = 'port80.io/managed'
type Words = Readonly<Record<string, string>>

const addressed: readonly (readonly [name: string, labels: Words, annotations: Words, expected: boolean])[] =
  [
    ['nothing is said', {}, {}, false],
    ['by label', { [managed]: 'true' }, {}, true],
    ['by annotation', {}, { [managed]: 'true' }, true],
    ['a no is a no', { [managed]: 'false' }, {}, false],
    ['what is neither is looked at, to say so', {}, { [managed]: 'yes' }, true],
    ['another annotation is no consent', {}, { 'port80.io/issuer': 'letsencrypt' }, false],
  ]

for (const [name, labels, annotations, expected] of addressed) {
  t.test(name, async (t) => void t.equal(isAddressed({ labels, annotations }), expected))
}

const faults: readonly (readonly [name: string, labels: Words, annotations: Words, fault?: RegExp])[] = [
  ['true is right', { [managed]: 'true' }, {}],
  ['yes is neither true nor false', { [managed]: 'yes' }, {}, /managed: "yes" is neither "true" nor "false"/],
  ['True neither', {}, { [managed]: 'True' }, /"True" is neither/],
  ['label and annotation differ', { [managed]: 'true' }, { [managed]: 'false' }, /keep one/],
  ['a misspelt wish', {}, { [managed]: 'true', 'port80.io/isuer': 'x' }, /did you mean port80.io\/issuer\?/],
  ['an unknown wish', {}, { 'port80.io/colour': 'x' }, /take it out \(known: port80.io\/managed/],
  ['what others annotate is theirs', {}, { 'cert-manager.io/issuer': 'x', 'port80.iox/a': '' }],
]

for (const [name, labels, annotations, fault] of faults) {
  t.test(`faults: ${name}`, async (t) => {
    const read = readWishes({ labels, annotations })
    t.equal(read.faults.length, fault ? 1 : 0, read.faults.join())
    if (fault) t.match(read.faults[0], fault)
  })
}

t.test('every wish is read as it is written, and what is absent stays absent', async (t) => {
  const annotations = {
    'port80.io/issuer': 'letsencrypt',
    'port80.io/fallback-issuer': 'other',
    'port80.io/profile': 'tlsserver',
    'port80.io/key-type': 'rsa-2048',
    'port80.io/redirect-status': '308',
    'port80.io/renew-before': '20d',
  }
  t.strictSame(readWishes({ annotations }).wishes, {
    issuer: 'letsencrypt',
    fallbackIssuer: 'other',
    profile: 'tlsserver',
    keyType: 'rsa-2048',
    redirectStatus: '308',
    renewBefore: '20d',
  })
  t.strictSame(readWishes({}).wishes, {})
})
