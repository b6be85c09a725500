import t from 'tap'
import { findIssuer, issuerNames, resolveIssuer } from '../../src/config/known-issuers.ts'
import { configSchema, type ConfigInput } from '../../src/config/schema.ts'

const config = (issuers: ConfigInput['issuers'] = {}) => configSchema.parse({ issuers })

const rows: { name: string; issuers?: ConfigInput['issuers']; ask: string; gives: unknown }[] = [
  {
    name: 'staging needs no word in the file',
    ask: 'letsencrypt-staging',
    gives: {
      name: 'letsencrypt-staging',
      directory: 'https://acme-staging-v02.api.letsencrypt.org/directory',
      accountKeyType: 'ecdsa-p256',
    },
  },
  {
    name: 'production is chosen by name',
    ask: 'letsencrypt',
    gives: {
      name: 'letsencrypt',
      directory: 'https://acme-v02.api.letsencrypt.org/directory',
      accountKeyType: 'ecdsa-p256',
    },
  },
  {
    name: 'a known name takes what the file adds',
    issuers: {
      letsencrypt: { email: 'ops@example.com', profile: 'tlsserver', preferredChain: 'ISRG Root X2' },
    },
    ask: 'letsencrypt',
    gives: {
      name: 'letsencrypt',
      directory: 'https://acme-v02.api.letsencrypt.org/directory',
      email: 'ops@example.com',
      profile: 'tlsserver',
      preferredChain: 'ISRG Root X2',
      accountKeyType: 'ecdsa-p256',
    },
  },
  {
    name: 'an issuer of the file brings everything itself',
    issuers: {
      mine: {
        directory: 'https://ca.example.com/acme',
        externalAccount: { keyId: 'k', hmacKeyFile: '/hmac' },
        caBundle: '/ca.pem',
        accountKeyType: 'rsa-2048',
      },
    },
    ask: 'mine',
    gives: {
      name: 'mine',
      directory: 'https://ca.example.com/acme',
      externalAccount: { keyId: 'k', hmacKeyFile: '/hmac' },
      caBundle: '/ca.pem',
      accountKeyType: 'rsa-2048',
    },
  },
  { name: 'a name that nobody gave is not found', ask: 'other', gives: undefined },
  { name: 'a name of every object is not found', ask: 'constructor', gives: undefined },
  {
    name: 'an issuer without a directory is not found',
    issuers: { mine: {} },
    ask: 'mine',
    gives: undefined,
  },
]

for (const row of rows) {
  t.test(row.name, (t) => {
    const found = findIssuer(config(row.issuers), row.ask)
    t.strictSame(found, row.gives)
    if (found) t.strictSame(resolveIssuer(config(row.issuers), row.ask), row.gives)
    else t.throws(() => resolveIssuer(config(row.issuers), row.ask), { name: 'RangeError' })
    t.end()
  })
}

t.test('no member of a resolved issuer is undefined, so that hashes of it are stable', (t) => {
  const issuer = resolveIssuer(config({ mine: { directory: 'https://ca.example.com/' } }), 'mine')
  t.notOk(Object.values(issuer).includes(undefined))
  t.end()
})

t.test('the known names come first in the list, each once', (t) => {
  t.strictSame(issuerNames(config({ mine: {}, letsencrypt: {} })), [
    'letsencrypt-staging',
    'letsencrypt',
    'mine',
  ])
  t.end()
})
