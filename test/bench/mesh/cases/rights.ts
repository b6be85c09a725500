/**
 * Rights of the installed chart, proven by trying: with the tokens that the running pods have, everything is tried, and what is
 * allowed is what docs/security.md lists, to the verb. Discovery's wider right is there with discovery, and gone without.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { rightsIn } from '../chart/fixtures/rights-table.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80, type Role } from '../fixtures/install.ts'
import { triedEverywhere, triedIn } from '../fixtures/rights-tried.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1 })
const runner = await startBenchRunner(t, mesh)
const edge = mesh.gateways.namespace
const [shop, elsewhere] = [await mesh.namespace('shop'), await mesh.namespace('elsewhere')]
await mesh.pointAtGateways(['book.example.com'])
const domains = [{ hosts: ['book.example.com'], secretName: 'book-certificate' }]
const port80 = await installPort80(t, mesh, runner, { values: { domains } })
const home = port80.namespace

const text = readFileSync(join(import.meta.dirname, '../../../../docs/security.md'), 'utf8')
const both = ['gateways.networking.istio.io', 'gateways.gateway.networking.k8s.io']

/** A table of the document as lines; `names` are what its words for several names stand for here. */
function told(heading: string, names: readonly string[] = []): string[] {
  const rows = rightsIn(text, heading).flatMap(({ resource, name, verbs }) => {
    const resources = resource === 'gateways' ? both : [resource]
    const named = name.startsWith('those of') ? names : [name]
    return resources.flatMap((each) => named.flatMap((one) => verbs.map((verb) => `${each}/${one}: ${verb}`)))
  })
  return [...new Set(rows)].sort()
}
const beside = 'Worker, in each namespace of a gateway'
const discovered = 'Worker, with discovery in named namespaces'
const merged = (...lists: string[][]) => [...new Set(lists.flat())].sort()

/** As the first pod of the role has it now: kubelet's part renews it. */
async function account(role: Role) {
  const [pod] = await port80.pods(role)
  if (!pod) throw new Error(`no ${role} runs`)
  const file = '/var/run/secrets/kubernetes.io/serviceaccount/token'
  const { stdout, stderr } = await runner.exec(pod, ['cat', file])
  if (stdout === '') throw new Error(stderr)
  return { api: mesh.api(), token: stdout.trim() }
}

await t.test('a responder reads ConfigMaps of its namespace, and that is all', async (t) => {
  const responder = await account('responder')
  t.same(
    await triedIn(responder, home, ['port80-worker']),
    told('Responder, in the namespace of the release'),
  )
  for (const namespace of [edge, shop, elsewhere])
    t.same(await triedIn(responder, namespace, ['book-certificate']), [], namespace)
  t.same(await triedEverywhere(responder), [])
})

await t.test('the worker: its store, and beside the gateway the one Secret', async (t) => {
  const worker = await account('worker')
  t.same(
    await triedIn(worker, home, ['port80-worker', 'book-certificate']),
    told('Worker, in the namespace of the release'),
  )
  t.same(await triedIn(worker, edge, ['book-certificate']), told(beside, ['book-certificate']))
  for (const namespace of [shop, elsewhere])
    t.same(await triedIn(worker, namespace, ['book-certificate']), [], namespace)
  t.same(await triedEverywhere(worker), [], 'nothing over all namespaces, nothing in none')
})

await t.test('with these rights it does its work', async () => {
  await port80.waitForCertificate('book-certificate')
})

/** The right is looked up anew within a moment of its Role's change. */
const settles = (namespace: string, wanted: string[]) =>
  until(
    async () => JSON.stringify(await triedIn(await account('worker'), namespace)),
    (lines) => lines === JSON.stringify(wanted),
    { what: `the rights in ${namespace} are ${wanted.join(', ')}`, every: 500 },
  )

await t.test('discovery in a namespace: Gateways there, Secrets beside the gateway', async (t) => {
  const namespaces = [shop]
  await port80.upgrade({ discovery: { istio: { namespaces }, gatewayApi: { namespaces } } })
  await settles(shop, told(discovered))
  const worker = await account('worker')
  t.same(await triedIn(worker, edge), told(beside, ['all']))
  t.same(await triedIn(worker, elsewhere), [])
  t.same(await triedEverywhere(worker), [])
  t.same(
    await triedIn(worker, home, ['port80-worker']),
    told('Worker, in the namespace of the release'),
    'at home nothing more',
  )
  const responder = await account('responder')
  for (const namespace of [shop, edge])
    t.same(await triedIn(responder, namespace), [], `a responder in ${namespace}`)
})

await t.test('discovery of Istio alone does not read the Gateway API', async (t) => {
  await port80.upgrade({ discovery: { istio: { namespaces: [shop] } } })
  const wanted = told(discovered).filter((line) => !/gateway\.networking\.k8s\.io|referencegrants/.test(line))
  t.ok(wanted.length > 0)
  await settles(shop, wanted)
})

await t.test(
  'discovery everywhere: Gateways of all namespaces, Secrets still beside the gateway',
  async (t) => {
    await port80.upgrade({ discovery: { istio: { namespaces: 'all' }, gatewayApi: { namespaces: 'all' } } })
    await settles(elsewhere, told(discovered))
    const worker = await account('worker')
    t.same(await triedIn(worker, edge), merged(told(beside, ['all']), told(discovered)))
    const reading = [...both, 'referencegrants'].flatMap((each) => [
      `${each}/all: list`,
      `${each}/all: watch`,
    ])
    t.same(await triedEverywhere(worker), reading.sort())
    t.same(await triedEverywhere(await account('responder')), [], 'a responder has none of it')
  },
)

await t.test('without discovery all of it is gone', async (t) => {
  await port80.upgrade({ discovery: {} })
  await settles(elsewhere, [])
  const worker = await account('worker')
  t.same(await triedIn(worker, shop), [])
  t.same(await triedIn(worker, edge, ['book-certificate']), told(beside, ['book-certificate']))
  t.same(await triedEverywhere(worker), [])
})
