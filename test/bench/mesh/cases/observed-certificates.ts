/**
 * Certificates that nobody here manages, behind gateway pods of a namespace where port80 may list pods and nothing else: one
 * that ends soon is told in time, the other is only measured.
 */
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { codesOf, findingWatch } from '../fixtures/finding-watch.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeHttpsGateway } from '../fixtures/istio-object.ts'
import { secretData, selfSigned } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1 })
const { must } = mesh
const runner = await startBenchRunner(t, mesh)
const namespace = await mesh.namespace('shop')
const other = await mesh.moreGateways({ namespace, label: namespace, count: 2 })
const shop = 'shop.example.org'
const fresh = 'fresh.example.org'
const rows = [
  { name: 'shop', host: shop, serial: '0ddba11a' },
  { name: 'fresh', host: fresh, serial: '0f00d5' },
]
for (const { name, host, serial } of rows) {
  await must('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    ...{ type: 'kubernetes.io/tls', metadata: { name } },
    // It ends within a day.
    data: secretData(await selfSigned(host, serial)),
  })
  await makeHttpsGateway(must, { namespace, name, selector: other.selector, host, credentialName: name })
}
const gateway = { namespaces: [namespace], selector: other.selector }
const watched = (warnBefore: string) => [
  { name: 'shop', host: shop, gateway, warnBefore },
  { name: 'fresh', host: fresh, gateway, warnBefore: '1h' },
]
const port80 = await installPort80(t, mesh, runner, {
  values: { proof: { enabled: true, every: '2s' }, observe: watched('2d') },
})
const findings = findingWatch(port80)

await t.test('one that ends soon is told, and nothing else', async (t) => {
  const [finding] = await findings.found(shop, ['P80-403'])
  t.match(finding, { object: { kind: 'Host', name: 'shop' }, seen: /^expires / })
  t.strictSame(codesOf(await findings.all()), ['P80-403'])
})

await t.test('each pod was asked for each', async (t) => {
  const { served = [] } = await until(
    () => port80.status(),
    (status) => status.served?.length === 4,
    { what: 'two pods were asked for two hosts', every: 250 },
  )
  const pods = other.pods.map(({ name }) => `${namespace}/${name}`).sort()
  for (const { name, serial } of rows) {
    const ofIt = served.filter(({ certificate }) => certificate === name)
    t.strictSame(ofIt.map(({ pod }) => pod).sort(), pods)
    for (const each of ofIt)
      t.match(each, { observed: true, matches: true, serial: new RegExp(`${serial}$`, 'i') })
  }
  const { body } = await port80.admin(await port80.leader(), '/metrics')
  t.match(body, /port80_observed_not_after_seconds\{[^}]*name="fresh"[^}]*\} \d+/)
})

await t.test('with a later warning it is well', async () => {
  await port80.upgrade({ observe: watched('1h') })
  await findings.found(shop, [])
})
