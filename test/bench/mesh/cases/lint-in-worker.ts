/**
 * With `lint` the worker itself says which object takes the challenge away: in its status, as a metric and as an Event, before
 * any order is due, with no more rights than the chart gives it. Mended, nothing is left.
 */
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1, pebble: { validationSleep: 0 } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const host = 'book.example.com'
const secretName = 'book-certificate'
await mesh.pointAtGateways([host])
const shop = await mesh.namespace('shop')
const domains = [{ hosts: [host], secretName }]
const port80 = await installPort80(t, mesh, runner, {
  values: { domains, lint: { enabled: true, every: '5s' } },
})
await port80.waitForCertificate(secretName)

const found = async () =>
  ((await port80.status()).findings ?? []).map(
    ({ code, from, object: { kind, namespace, name } }) => `${code} ${from} ${kind} ${namespace}/${name}`,
  )
const isFound = (wanted: readonly string[]) =>
  until(found, (all) => JSON.stringify(all) === JSON.stringify(wanted), {
    ...{ what: `findings: ${wanted.join(', ') || 'none'}`, ms: 120_000, every: 250 },
    log: () => port80.log('worker').slice(-4_000),
  })

t.test('it has looked, and everything is as it is meant to be', async (t) => {
  const looks = async () => (await port80.status()).looks?.find(({ look }) => look === 'lint')
  const lint = await until(looks, (look) => look?.lookedAt !== undefined, { what: 'a round of lint' })
  t.match(lint, { state: 'every', everyMs: 5_000 })
  await isFound([])
})

t.test('httpsRedirect in another namespace is named with its object', async (t) => {
  const port = { number: 80, name: 'http', protocol: 'HTTP' }
  const servers = [{ port, hosts: [host], tls: { httpsRedirect: true } }]
  await makeIstioObject(must, {
    ...{ kind: 'Gateway', namespace: shop, name: 'shop' },
    spec: { selector: gateways.selector, servers },
  })
  await isFound([`P80-101 lint Gateway ${shop}/shop`])
  const [finding] = (await port80.status()).findings ?? []
  t.equal(finding?.host, host)
  t.equal(pebble.issued().length, 1, 'the CA was not asked again')
})

t.test('mended, it is gone', async (t) => {
  await must('DELETE', `/apis/networking.istio.io/v1/namespaces/${shop}/gateways/shop`)
  await isFound([])
  t.notMatch(port80.log('worker'), /forbidden/i, 'the rights of the chart are enough')
})
