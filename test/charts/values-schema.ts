/** The schema of the chart's values: closed, and in step with values.yaml and with the configuration. Needs no helm. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { chartDocuments, chartFiles } from '../../docs/chart/readme.ts'
import type { Schema } from '../../docs/chart/shapes.ts'
import { valueRows } from '../../docs/chart/values-comments.ts'
import { knownKeys, shapeAt } from '../../src/config/settings.ts'

const text = readFileSync(chartFiles.values, 'utf8')
const rows = valueRows(text)
const written = await chartDocuments(text)
const schema = JSON.parse(readFileSync(chartFiles.schema, 'utf8')) as Schema
const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])

/** The defaults with some of them replaced, as Helm merges them. */
const values = (own: Record<string, unknown>) => ({ ...(parse(text) as Record<string, unknown>), ...own })
const domain = (own: Record<string, unknown>) =>
  values({ domains: [{ hosts: ['book.example.com'], secretName: 'book', ...own }] })

t.test('README.md and values.schema.json are what `npm run docs` writes', (t) => {
  t.equal(readFileSync(chartFiles.readme, 'utf8'), written.readme)
  t.equal(readFileSync(chartFiles.schema, 'utf8'), written.schema)
  t.equal(readFileSync(chartFiles.dashboard, 'utf8'), written.dashboard)
  t.end()
})

t.test('every value has a comment', (t) => {
  // Groups that say all with their keys.
  const plain =
    /^(routes\.(istio|gatewayApi)|listeners\.\w+|networkPolicy|test|monitoring(\.\w+)?|mesh\.\w+)$/
  const bare = rows
    .filter(({ comment }) => comment === '')
    .map(({ path }) => path.join('.'))
    .filter((path) => !plain.test(path))
    .filter((path) => !path.includes('ecurityContext.') && !path.includes('resources.'))
  t.same(bare, [])
  t.end()
})

t.test('every value of values.yaml is in the schema, and every one of the schema in values.yaml', (t) => {
  const inFile = new Set(rows.map(({ path }) => path.join('.')))
  for (const [key, shape] of Object.entries(schema.properties ?? {})) {
    if (key === 'global') continue
    t.ok(inFile.has(key), `${key} is in values.yaml`)
    // What the configuration lists as well is documented there: values.yaml shows what the chart sets.
    if (['listeners', 'worker', 'issuers', 'domains', 'discovery'].includes(key)) continue
    for (const inner of Object.keys(shape.properties ?? {})) {
      t.ok(inFile.has(`${key}.${inner}`), `${key}.${inner} is in values.yaml`)
    }
  }
  t.end()
})

function openObjects(shape: Schema, at: string): string[] {
  const inner = Object.entries(shape.properties ?? {}).flatMap(([key, each]) =>
    openObjects(each, `${at}.${key}`),
  )
  const items = shape.items ? openObjects(shape.items, `${at}[]`) : []
  const either = (shape.anyOf ?? []).flatMap((each) => openObjects(each, at))
  const open = shape.properties !== undefined && shape.additionalProperties !== false ? [at] : []
  return [...open, ...inner, ...items, ...either]
}

t.test('every object with named keys is closed', (t) => {
  t.same(openObjects(schema, ''), [])
  t.end()
})

t.test('a key of a certificate can be tuned for a domain', (t) => {
  const keys = Object.keys(schema.properties?.domains?.items?.properties ?? {})
  const elsewhere = ['domains', 'destinations'] // hosts; secretName, gateway and takeOver
  for (const key of knownKeys(['certificates', 0])) {
    if (!elsewhere.includes(key)) t.ok(keys.includes(key), key)
  }
  t.end()
})

t.test('sections of the configuration have a place among the values', (t) => {
  const elsewhere: Record<string, string> = {
    certificates: 'domains',
    destinations: 'domains',
    kubernetes: 'clusterDomain',
    store: 'lease',
    responders: 'listeners',
  }
  for (const section of Object.keys(shapeAt([])?.properties ?? {})) {
    t.ok(schema.properties?.[elsewhere[section] ?? section], section)
  }
  t.end()
})

const accepted = [
  { name: 'the defaults', values: values({}) },
  { name: 'a domain', values: domain({}) },
  {
    name: 'a domain with everything',
    values: domain({
      name: 'book',
      gateway: { namespace: 'istio-system', selector: { istio: 'ingressgateway' }, httpPort: 8080 },
      issuer: 'letsencrypt',
      fallbackIssuer: 'letsencrypt-staging',
      keyType: 'rsa-2048',
      reuseKey: true,
      profile: 'tlsserver',
      renewal: { ari: false, renewBefore: '20d' },
      redirect: { status: 308 },
      takeOver: true,
      tlsGateway: 'create',
    }),
  },
  {
    name: 'a CA of one’s own',
    values: values({
      issuers: {
        'example-ca': {
          directory: 'https://acme.example.com/directory',
          caBundle: { configMap: { name: 'roots', key: 'roots.pem' } },
          externalAccount: { keyId: 'kid-1', hmacKeySecret: { name: 'eab', key: 'hmac' } },
        },
      },
    }),
  },
  { name: 'discovery everywhere', values: values({ discovery: { istio: { namespaces: 'all' } } }) },
  { name: 'a canary', values: values({ canary: { enabled: true, every: '1m' } }) },
  { name: 'a canary as it was written before it had `enabled`', values: values({ canary: { every: '5m' } }) },
  { name: 'no canary, as it was written', values: values({ canary: 'off' }) },
  { name: '`off`, which YAML 1.1 makes false, there too', values: values({ canary: false }) },
  { name: '`off`, which YAML 1.1 makes false', values: values({ selfCheck: { through: false } }) },
]

const refused = [
  { name: 'a misspelt section', values: values({ domians: [] }), at: 'domians' },
  { name: 'a misspelt key of a domain', values: domain({ keytype: 'rsa-2048' }), at: 'keytype' },
  {
    name: 'a misspelt key of a Deployment',
    values: values({ responderPods: { replica: 3 } }),
    at: 'replica',
  },
  {
    name: 'a domain without its Secret',
    values: values({ domains: [{ hosts: ['a.example.com'] }] }),
    at: 'secretName',
  },
  { name: 'a key type that there is not', values: domain({ keyType: 'rsa-1024' }), at: 'keyType' },
  {
    name: 'an HMAC key in the values',
    values: values({ issuers: { a: { externalAccount: { keyId: 'a', hmacKey: 'b' } } } }),
    at: 'hmacKey',
  },
  {
    name: 'an HTTPRoute on any listener',
    values: values({ routes: { kind: 'gatewayApi', gatewayApi: { parentRefs: [{ name: 'web' }] } } }),
    at: 'sectionName',
  },
  { name: 'a canary that is neither', values: values({ canary: 'on' }), at: 'canary' },
  { name: 'a misspelt key of the canary', values: values({ canary: { evry: '5m' } }), at: 'canary' },
  {
    name: 'a canary without end',
    values: values({ canary: { enabled: true, every: 'often' } }),
    at: 'canary',
  },
  { name: 'a status that is no redirect', values: values({ redirect: { status: 303 } }), at: 'status' },
]

for (const { name, values: given } of accepted) {
  t.test(`takes ${name}`, (t) => {
    t.same(validator.safeParse(given).error?.issues ?? [], [])
    t.end()
  })
}
for (const { name, values: given, at } of refused) {
  t.test(`refuses ${name}`, (t) => {
    const { error } = validator.safeParse(given)
    t.match(JSON.stringify(error?.issues ?? []), at)
    t.end()
  })
}
