/** The rights in docs/security.md are those that the chart gives, no more and no fewer. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { render, type Rule, type Values } from './fixtures/helm.ts'
import { rightsIn, type Right } from './fixtures/rights-table.ts'

const text = readFileSync(join(import.meta.dirname, '../../../../docs/security.md'), 'utf8')
const told = (heading: string) => lines(rightsIn(text, heading))
const book = { hosts: ['book.example.com'], secretName: 'book-certificate' }
const names = { 'those of your `domains`': ['book-certificate'] }

/** `resource/name: verbs`, sorted: what a rule allows, however it is cut up. */
function lines(rights: readonly Right[]): string[] {
  const all = rights.flatMap(({ resource, name, verbs }) =>
    verbs.map((verb) => `${resource}/${name}: ${verb}`),
  )
  return [...new Set(all)].sort()
}

function rightsOf(rules: readonly Rule[] = []): Right[] {
  return rules.flatMap(({ resources, resourceNames = ['all'], verbs }) =>
    resources.flatMap((resource) => resourceNames.map((name) => ({ resource, name, verbs }))),
  )
}

/** The rules of that Role or ClusterRole. */
async function given(values: Values, kind: string, name: string, namespace?: string): Promise<string[]> {
  const { manifests } = await render(values)
  const found = manifests.filter(
    ({ kind: is, metadata }) =>
      is === kind && metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
  )
  return lines(found.flatMap(({ rules }) => rightsOf(rules)))
}

/** A table with the names that these values put for its words. */
function named(heading: string): string[] {
  return lines(
    rightsIn(text, heading).flatMap((right) =>
      (names[right.name as keyof typeof names] ?? [right.name]).map((name) => ({ ...right, name })),
    ),
  )
}

t.test('the responder', async (t) => {
  t.same(
    await given({ domains: [book] }, 'Role', 'port80-responder'),
    told('Responder, in the namespace of the release'),
  )
})

t.test('the worker in its own namespace', async (t) => {
  t.same(
    await given({ domains: [book] }, 'Role', 'port80-worker'),
    told('Worker, in the namespace of the release'),
  )
})

t.test('the worker beside a gateway', async (t) => {
  t.same(
    await given({ domains: [book] }, 'Role', 'port80', 'istio-system'),
    named('Worker, in each namespace of a gateway'),
  )
})

const both = (namespaces: unknown) => ({ istio: { namespaces }, gatewayApi: { namespaces } })

t.test('beside a gateway that is only observed', async (t) => {
  const observe = ['istio-system', 'shop'].map((namespace) => ({
    ...{ name: namespace, host: 'shop.example.com' },
    gateway: { namespaces: [namespace], selector: { app: 'gw' } },
  }))
  const values = { domains: [book], observe }
  t.same(
    await given(values, 'Role', 'port80-observe', 'shop'),
    told('Worker, in each other namespace of `observe[].gateway`'),
  )
  t.same(await given(values, 'Role', 'port80-observe', 'istio-system'), [], 'the other Role has it')
  const wide = { ...values, discovery: { ...both('all'), gateway: { namespaces: 'all' } } }
  t.same(await given(wide, 'Role', 'port80-observe'), [], 'the ClusterRole has it')
})

t.test('with lint', async (t) => {
  const values = { domains: [book], lint: { enabled: true } }
  t.same(await given(values, 'ClusterRole', 'port80-lint'), told('Worker, with `lint`'))
  t.same(await given({ domains: [book] }, 'ClusterRole', 'port80-lint'), [], 'only then')
})

t.test('discovery in named namespaces', async (t) => {
  const heading = 'Worker, with discovery in named namespaces'
  const values = { discovery: both(['shop']) }
  t.same(await given(values, 'Role', 'port80-discovery', 'shop'), told(heading))
  t.same(
    await given({ discovery: { istio: { namespaces: ['shop'] } } }, 'Role', 'port80-discovery', 'shop'),
    told(heading).filter((line) => !line.startsWith('referencegrants')),
    'referencegrants with the Gateway API only',
  )
  t.same(
    await given(values, 'Role', 'port80', 'istio-system'),
    named('Worker, in each namespace of a gateway')
      .map((line) => line.replace('book-certificate', 'all'))
      .sort(),
    'any Secret beside the gateways',
  )
})

t.test('discovery everywhere', async (t) => {
  const reading = told('Worker, with discovery in named namespaces')
  t.same(await given({ discovery: both('all') }, 'ClusterRole', 'port80-discovery'), reading)
  const wide = { discovery: { ...both('all'), gateway: { namespaces: 'all' } } }
  t.same(
    await given(wide, 'ClusterRole', 'port80-discovery'),
    [...new Set([...reading, ...told('Worker, with discovery everywhere')])].sort(),
  )
})

t.test('no other object of the release gives rights', async (t) => {
  const { manifests } = await render({ domains: [book], discovery: both(['shop']) })
  const roles = manifests.filter(({ kind }) => /^(Cluster)?Role$/.test(kind))
  t.same(roles.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort(), [
    'istio-system/port80',
    'port80/port80-responder',
    'port80/port80-worker',
    'shop/port80-discovery',
  ])
})
