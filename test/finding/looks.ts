import t from 'tap'
import { configSchema } from '../../src/config/schema.ts'
import { latestTimes, looksOf, withTimes, type LookStatus } from '../../src/finding/looks.ts'
import { desiredOf } from '../../src/certificate/desired.ts'

const unlooked = { preflight: 'off', canary: 'off', proof: 'off' } as const
const certificates = [{ name: 'a', domains: ['a.test'] }]
const looks = (file: object): LookStatus[] => {
  const config = configSchema.parse({ certificates, ...unlooked, ...file })
  return looksOf(config, desiredOf(config))
}
/** `preflight letsencrypt-staging off` */
const words = (all: readonly LookStatus[]) =>
  all.map(({ look, issuer, state, everyMs }) => [look, issuer, state, everyMs].filter(Boolean).join(' '))

const off = 'preflight letsencrypt-staging off'
const rest = ['canary off', 'serving off', 'observe off', 'lint asked']
const observe = [{ name: 'shop', host: 'shop.test' }]
const canary = { every: '1m' }
const secret = { secret: { gateway: { namespaces: ['edge'], selector: { app: 'gateway' } } } }

const rows: readonly (readonly [string, object, readonly string[]])[] = [
  ['all is off', {}, [off, ...rest]],
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
    'proof where nobody is known who reads the folders',
    { proof: { every: '1m' } },
    [off, 'canary off', 'serving blind', 'observe off', 'lint asked'],
  ],
  [
    'of Secrets that Gateways ask for',
    { proof: { every: '1m' }, discovery: { istio: { namespaces: ['shop'] } } },
    [off, 'canary off', 'serving every 60000', 'observe off', 'lint asked'],
  ],
  [
    'of a Secret of the file',
    { proof: { every: '1m' }, destinations: [secret] },
    [off, 'canary off', 'serving every 60000', 'observe off', 'lint asked'],
  ],
  [
    'of a Secret of one certificate',
    { proof: { every: '1m' }, certificates: [{ name: 'a', domains: ['a.test'], destinations: [secret] }] },
    [off, 'canary off', 'serving every 60000', 'observe off', 'lint asked'],
  ],
  [
    'proof without anything observed',
    { proof: { every: '1m', address: '127.0.0.1' } },
    [off, 'canary off', 'serving every 60000', 'observe off', 'lint asked'],
  ],
  [
    'observed with the proof',
    { proof: { every: '1m' }, observe },
    [off, 'canary off', 'serving blind', 'observe every 60000', 'lint asked'],
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

t.test('as it comes', async (t) => {
  t.same(words(looksOf(configSchema.parse({}), [])), [
    ...['preflight warn', 'canary every 300000', 'serving blind', 'observe off', 'lint asked'],
  ])
})

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
