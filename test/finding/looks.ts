import t from 'tap'
import { configSchema } from '../../src/config/schema.ts'
import { latestTimes, looksOf, withTimes, type LookStatus } from '../../src/finding/looks.ts'
import { desiredOf } from '../../src/certificate/desired.ts'

const looks = (file: object): LookStatus[] => {
  const config = configSchema.parse({ certificates: [{ name: 'a', domains: ['a.test'] }], ...file })
  return looksOf(config, desiredOf(config))
}
/** `preflight letsencrypt-staging off` */
const words = (all: readonly LookStatus[]) =>
  all.map(({ look, issuer, state, everyMs }) => [look, issuer, state, everyMs].filter(Boolean).join(' '))

const off = 'preflight letsencrypt-staging off'
const rest = ['canary off', 'serving off', 'observe off', 'lint asked']
const observe = [{ name: 'shop', host: 'shop.test' }]
const canary = { every: '1m' }

const rows: readonly (readonly [string, object, readonly string[]])[] = [
  ['as it comes: nobody looks', {}, [off, ...rest]],
  ['nothing is ordered', { certificates: [] }, ['preflight off', ...rest]],
  ['a policy of the file', { preflight: 'require' }, ['preflight letsencrypt-staging require', ...rest]],
  [
    'an issuer has its own, and the fallback its own',
    {
      preflight: 'require',
      issuers: { ca: { directory: 'https://ca.test/', preflight: 'warn' } },
      certificates: [{ name: 'a', domains: ['a.test'], issuer: 'ca', fallbackIssuer: 'letsencrypt' }],
    },
    ['preflight ca warn', 'preflight letsencrypt require', ...rest],
  ],
  [
    'each issuer once',
    {
      certificates: [
        { name: 'a', domains: ['a.test'] },
        { name: 'b', domains: ['b.test'] },
      ],
    },
    [off, ...rest],
  ],
  ['the canary', { canary }, [off, 'canary every 60000', ...rest.slice(1)]],
  [
    'what takes the way of the self-check looks nowhere without it',
    { canary, preflight: 'require', selfCheck: 'off' },
    ['preflight letsencrypt-staging blind', 'canary blind', ...rest.slice(1)],
  ],
  [
    'proof without anything observed',
    { proof: { every: '1m' } },
    [off, 'canary off', 'serving every 60000', 'observe off', 'lint asked'],
  ],
  [
    'observed with the proof',
    { proof: { every: '1m' }, observe },
    [off, 'canary off', 'serving every 60000', 'observe every 60000', 'lint asked'],
  ],
  [
    'lint by the worker',
    { lint: { every: '5m' }, kubernetes: {} },
    [off, 'canary off', 'serving off', 'observe off', 'lint every 300000'],
  ],
  [
    'observed without it: nobody looks there either',
    { observe },
    [off, 'canary off', 'serving off', 'observe blind', 'lint asked'],
  ],
]

for (const [name, file, expected] of rows) {
  t.test(name, async (t) => {
    t.same(words(looks(file)), expected)
  })
}

t.test('a time belongs to one look, of one issuer, that is on', async (t) => {
  const all = looks({ preflight: 'require', canary })
  const at = (times: Parameters<typeof withTimes>[1]) =>
    withTimes(all, times).flatMap(({ look, lookedAt }) => (lookedAt === undefined ? [] : [[look, lookedAt]]))
  t.same(at(undefined), [])
  t.same(at([{ look: 'canary', at: 5 }]), [['canary', 5]])
  t.same(at([{ look: 'preflight', issuer: 'letsencrypt-staging', at: 6 }]), [['preflight', 6]])
  t.same(at([{ look: 'preflight', issuer: 'another', at: 7 }]), [])
  t.same(at([{ look: 'serving', at: 8 }]), [], 'of what is off, it was another configuration')
  const old = withTimes(all, [{ look: 'canary', at: 5 }])
  t.same(withTimes(old), all, 'times of before are not kept')
})

t.test('of each look the last time counts, in whatever order they come', async (t) => {
  const one = { look: 'canary', at: 5 } as const
  const other = { look: 'canary', at: 9 } as const
  const preflight = { look: 'preflight', issuer: 'a', at: 1 } as const
  t.same(latestTimes([one, preflight, other]), [other, preflight])
  t.same(latestTimes([other, one]), [other])
})
