import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseConfig } from '../../src/config/parse.ts'
import { configSchema } from '../../src/config/schema.ts'

const example = readFileSync(join(import.meta.dirname, '../../docs/port80.example.yaml'), 'utf8')

const defaults = {
  issuers: {},
  certificates: [],
  destinations: [{ directory: './port80-certificates', groupReadable: false }],
  kubernetes: { clusterDomain: 'cluster.local' },
  store: { directory: './port80-state' },
  redirect: {
    ...{ by: 'port80', status: 301, hosts: 'any', httpsPort: 443 },
    ...{ trustForwardedProto: [], maxAge: 3_600_000 },
  },
  listeners: {
    public: {
      host: '::',
      port: 8080,
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 16_384,
      maxTargetLength: 8_192,
      maxDiscardedBody: 65_536,
      maxConnections: 10_000,
      maxRequestsPerSocket: 0,
    },
    admin: { host: '127.0.0.1', port: 9090 },
    stop: { unreadyWait: 5_000, drain: 10_000 },
  },
  selfCheck: { url: 'http://{identifier}/.well-known/acme-challenge/{token}', timeout: 10_000 },
  preflight: 'warn',
  canary: { every: 300_000 },
  proof: { deadline: 60_000, every: 600_000, port: 443 },
  observe: [],
  lint: 'off',
  worker: { parallelOrders: 8, pollDeadline: 120_000, requestTimeout: 30_000, tick: 30_000 },
  log: { level: 'info', format: 'json' },
}

t.test('the defaults are these', (t) => {
  t.strictSame(configSchema.parse({}), defaults)
  t.end()
})

t.test('the defaults of a certificate and of an issuer are these', (t) => {
  const config = configSchema.parse({
    issuers: { ca: { directory: 'https://a.test/' } },
    certificates: [{ name: 'a', domains: ['a.test'] }],
  })
  t.strictSame(config.issuers, { ca: { directory: 'https://a.test/', accountKeyType: 'ecdsa-p256' } })
  t.strictSame(config.certificates, [
    {
      name: 'a',
      domains: ['a.test'],
      issuer: 'letsencrypt-staging',
      keyType: 'ecdsa-p256',
      reuseKey: false,
      renewal: { ari: true },
    },
  ])
  t.end()
})

t.test('the example shows the defaults in every section that has them', (t) => {
  const parsed = parseConfig(example)
  t.ok('ok' in parsed, 'the example has no faults')
  if (!('ok' in parsed)) return t.end()
  const { issuers: _issuers, certificates: _certificates, ...sections } = parsed.ok
  const { issuers: _none, certificates: _empty, ...expected } = defaults
  t.strictSame(sections, expected)
  t.end()
})
