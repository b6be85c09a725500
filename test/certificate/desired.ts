import t from 'tap'
import { desiredOf, destinationsOf } from '../../src/certificate/desired.ts'
import { configSchema, type ConfigInput } from '../../src/config/schema.ts'
import { day } from './fixtures/builders.ts'

type CertificateInput = NonNullable<ConfigInput['certificates']>[number]

const issuers = {
  main: { directory: 'https://main.example/directory', profile: 'classic' },
  other: { directory: 'https://other.example/directory' },
}
const book: CertificateInput = { name: 'book', domains: ['book.example.com'], issuer: 'main' }
const configOf = (certificate: object = {}, rest: object = {}) =>
  configSchema.parse({ issuers, certificates: [{ ...book, ...certificate }], ...rest })
const desiredFor = (certificate: object = {}, rest: object = {}) => {
  const [only] = desiredOf(configOf(certificate, rest))
  if (!only) throw new Error('one certificate in, one out')
  return only
}

t.test('a certificate as the configuration wants it', async (t) => {
  const rows = [
    {
      name: 'defaults',
      certificate: {},
      desired: {
        name: 'book',
        domains: ['book.example.com'],
        issuer: 'main',
        keyType: 'ecdsa-p256',
        reuseKey: false,
        profiles: { main: 'classic' },
        directories: { main: 'https://main.example/directory' },
        renewal: { ari: true },
      },
    },
    {
      name: 'its own profile comes before that of the issuer',
      certificate: { profile: 'shortlived' },
      desired: { profiles: { main: 'shortlived' } },
    },
    {
      name: 'its own profile is for its first issuer: the fallback may not know it',
      certificate: { profile: 'shortlived', issuer: 'other', fallbackIssuer: 'main' },
      desired: {
        fallbackIssuer: 'main',
        profiles: { other: 'shortlived', main: 'classic' },
        directories: { main: 'https://main.example/directory', other: 'https://other.example/directory' },
      },
    },
    {
      name: 'an issuer that is known by name',
      certificate: { issuer: 'letsencrypt' },
      desired: {
        directories: { letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory' },
        profiles: {},
      },
    },
    {
      name: 'a redirect status of its own',
      certificate: { redirect: { status: 308 } },
      desired: { redirectStatus: 308 },
    },
    {
      name: 'when to renew',
      certificate: { renewal: { ari: false, renewBefore: '20d' } },
      desired: { renewal: { ari: false, renewBefore: 20 * day } },
    },
  ]
  for (const { name, certificate, desired } of rows) {
    t.test(name, async (t) => {
      const found = desiredFor(certificate)
      for (const [member, value] of Object.entries(desired))
        t.same(found[member as keyof typeof found], value, member)
    })
  }
  t.equal('fallbackIssuer' in desiredFor(), false)
  t.equal('renewBefore' in desiredFor().renewal, false)
})

t.test('certificates keep the order of the file', async (t) => {
  const certificates = ['c', 'a', 'b'].map((name) => ({ ...book, name, domains: [`${name}.example.com`] }))
  t.same(
    desiredOf(configSchema.parse({ issuers, certificates })).map(({ name }) => name),
    ['c', 'a', 'b'],
  )
})

t.test('the fingerprint changes with what could mend a failed order, and with nothing else', async (t) => {
  const changed = (main: object) => ({ issuers: { ...issuers, main: { ...issuers.main, ...main } } })
  const eab = (hmacKey: string) => changed({ externalAccount: { keyId: 'k', hmacKey } })
  const rows: readonly { name: string; certificate?: object; rest?: object; changes: boolean }[] = [
    { name: 'nothing', changes: false },
    { name: 'a domain', certificate: { domains: ['book.example.com', 'www.example.com'] }, changes: true },
    { name: 'the key type', certificate: { keyType: 'rsa-2048' }, changes: true },
    { name: 'keeping the key', certificate: { reuseKey: true }, changes: true },
    { name: 'the issuer', certificate: { issuer: 'other' }, changes: true },
    { name: 'a fallback', certificate: { fallbackIssuer: 'other' }, changes: true },
    { name: 'the profile', certificate: { profile: 'shortlived' }, changes: true },
    { name: 'the profile of the issuer', rest: changed({ profile: 'tlsserver' }), changes: true },
    {
      name: 'the directory of the issuer',
      rest: changed({ directory: 'https://new.example/' }),
      changes: true,
    },
    { name: 'the contact', rest: changed({ email: 'ops@example.com' }), changes: true },
    { name: 'the preferred chain', rest: changed({ preferredChain: 'Root X' }), changes: true },
    { name: 'the roots of the CA', rest: changed({ caBundle: '/etc/root.pem' }), changes: true },
    { name: 'the external account', rest: eab('c2VjcmV0'), changes: true },
    {
      name: 'an issuer that it does not use',
      rest: { issuers: { ...issuers, third: { directory: 'https://third.example/' } } },
      changes: false,
    },
    {
      name: 'its destinations',
      certificate: { destinations: [{ directory: '/elsewhere' }] },
      changes: false,
    },
    { name: 'its renewal', certificate: { renewal: { renewBefore: '20d' } }, changes: false },
    { name: 'the listeners', rest: { listeners: { public: { port: 8080 } } }, changes: false },
    { name: 'the store', rest: { store: { directory: '/elsewhere' } }, changes: false },
  ]
  const before = desiredFor().fingerprint
  for (const { name, certificate, rest, changes } of rows) {
    t.test(name, async (t) => t.equal(desiredFor(certificate, rest).fingerprint !== before, changes))
  }
  t.not(
    desiredFor({}, eab('c2VjcmV0')).fingerprint,
    desiredFor({}, eab('b3RoZXI=')).fingerprint,
    'another HMAC key',
  )
  const shown = JSON.stringify(desiredFor({}, eab('c2VjcmV0')))
  t.equal(shown.includes('c2VjcmV0'), false, 'which is nowhere to be seen')
})

t.test('destinations by certificate', async (t) => {
  const all = [{ directory: '/a' }, { directory: '/b' }, { directory: '/a' }]
  const rows = [
    { name: 'those of the file, each once', certificate: {}, folders: ['/a', '/b'] },
    { name: 'its own instead', certificate: { destinations: [{ directory: '/c' }] }, folders: ['/c'] },
  ]
  for (const { name, certificate, folders } of rows) {
    t.test(name, async (t) =>
      t.same(
        destinationsOf(configOf(certificate, { destinations: all }))
          .get('book')
          ?.map(({ directory }) => directory),
        folders,
      ),
    )
  }
})
