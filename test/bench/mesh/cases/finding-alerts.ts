/**
 * The alerts on findings, from a real mistake to its end: somebody breaks the way of the CA, the canary finds it, Prometheus
 * scrapes it, the shipped rule holds for its `for` (here some seconds) and fires with the code, the host and the page that
 * helps; mended, it is resolved by itself. Nothing else fires beside it, and the certificate stays. The same for a certificate
 * of others that nobody renews, and for the budget: more hosts than the limits leave room for, until somebody writes down that
 * the CA has raised them. What cannot be judged from here is told, and fires nothing.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeHttpsGateway, makeIstioObject } from '../fixtures/istio-object.ts'
import { startPodDiscovery } from '../fixtures/pod-discovery.ts'
import { byAnnotations } from '../fixtures/scraping.ts'
import { shippedRules } from '../fixtures/shipped-rules.ts'
import { secretData, selfSigned } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'
import { startPrometheus, type Alert } from '../prometheus.ts'

const mesh = await startMesh(t, { gateways: 1, pebble: { validationSleep: 0 } })
const { must, gateways, pebble, network } = mesh
const runner = await startBenchRunner(t, mesh)
const hosts = ['book.example.com', 'shop.example.com']
/** More than fit into the budget: the last of them waits. */
const crowd = ['one.example.com', 'two.example.com', 'three.example.com']
const secretName = (host: string) => host.replaceAll('.', '-')
const domainsOf = (names: readonly string[]) =>
  names.map((host) => ({ hosts: [host], secretName: secretName(host) }))
await mesh.pointAtGateways([...hosts, ...crowd])
const [resolver = ''] = pebble.resolver.address.split(':')

/** Behind gateways of its own: those of `hosts` have no server on 443, which is P80-405 and fires nothing either. */
const team = await mesh.namespace('team')
const others = await mesh.moreGateways({ namespace: team, label: team, count: 1 })
const theirs = 'theirs.example.org'
const secretOf = async (serial: string, daysLeft: number) => ({
  ...{ type: 'kubernetes.io/tls', metadata: { name: 'theirs' } },
  // Of 90 days, as those of the CA: of short ones a third is early enough.
  data: secretData(await selfSigned(theirs, serial, { from: daysLeft - 90, to: daysLeft })),
})
await must('POST', `/api/v1/namespaces/${team}/secrets`, await secretOf('0ddba11b', 80))
await makeHttpsGateway(must, {
  ...{ namespace: team, name: 'theirs', selector: others.selector },
  ...{ host: theirs, credentialName: 'theirs' },
})
const renewTheirs = async (serial: string, daysLeft: number) =>
  must('PATCH', `/api/v1/namespaces/${team}/secrets/theirs`, await secretOf(serial, daysLeft))

const port80 = await installPort80(t, mesh, runner, {
  values: {
    ...{ canary: { every: '2s' }, resolvers: [resolver], proof: { enabled: true, every: '2s' } },
    observe: [{ name: 'theirs', host: theirs, gateway: { namespaces: [team], selector: others.selector } }],
    domains: domainsOf(hosts),
  },
})
const { file } = await shippedRules(mesh.directory, { holdFor: '3s' })
const discovery = await startPodDiscovery(t, mesh)
const prometheus = await startPrometheus(mesh, {
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: [file],
  scrape_configs: [byAnnotations({ discovery, namespace: port80.namespace })],
})

interface Row {
  readonly name: string
  readonly host: string
  readonly code: string
  readonly alert: string
  readonly breakIt: () => Promise<unknown>
  readonly mend: () => Promise<unknown>
}

const rows: readonly Row[] = [
  {
    name: 'httpsRedirect on a Gateway of another team: the CA is redirected',
    ...{ host: 'book.example.com', code: 'P80-303', alert: 'Port80FindingError' },
    breakIt: () =>
      makeIstioObject(must, {
        ...{ kind: 'Gateway', namespace: team, name: 'book' },
        spec: {
          selector: gateways.selector,
          servers: [
            {
              ...{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['book.example.com'] },
              tls: { httpsRedirect: true },
            },
          ],
        },
      }),
    mend: () => must('DELETE', `/apis/networking.istio.io/v1/namespaces/${team}/gateways/book`),
  },
  {
    name: 'a certificate of others that nobody renews',
    ...{ host: theirs, code: 'P80-403', alert: 'Port80FindingWarning' },
    breakIt: () => renewTheirs('0ddba11c', 2),
    mend: () => renewTheirs('0ddba11d', 89),
  },
]

/** What fires now, once that is as wanted. */
const firing = (wanted: (alerts: readonly Alert[]) => boolean, what: string) =>
  until(async () => (await prometheus.alerts()).filter(({ state }) => state === 'firing'), wanted, {
    ...{ what, ms: 120_000, every: 250 },
    log: () => port80.log('worker').slice(-3_000),
  })

async function tell(t: Test, { host, code, alert }: Row): Promise<void> {
  const labels = {
    alertname: alert,
    code,
    host,
    ...(hosts.includes(host) && { certificate: secretName(host) }),
  }
  const has = ({ labels: own }: Alert) => own.alertname === alert && own.code === code && own.host === host
  // With a rule's `for` as short as here some lost scrapes on a busy machine are an alert, too; it goes with the next one.
  const [found, ...others] = await firing(
    (alerts) => alerts.some(has) && alerts.every(has),
    `${alert} fires for ${host}, and nothing else`,
  )
  t.match(found, { labels, annotations: { page: `docs/findings/${code}.md`, summary: new RegExp(host) } })
  t.same(others, [], 'once')
  const page = join(import.meta.dirname, '../../../..', found?.annotations.page ?? 'none')
  t.ok(existsSync(page), 'the page that it names is there')
  const pending = `max_over_time(ALERTS{alertname="${alert}",alertstate="pending",host="${host}"}[1m])`
  t.equal((await prometheus.query(pending)).length, 1, 'it was pending before')
}

await t.test('nothing fires while all is well', async () => {
  for (const host of hosts) await port80.waitForCertificate(secretName(host))
  await until(
    () => prometheus.query('count(port80_canary_ok == 1)'),
    ([count]) => (count?.value ?? 0) > 0,
    { what: 'what the canary sees is scraped', every: 250 },
  )
  await until(
    () => prometheus.alerts(),
    (alerts) => alerts.length === 0,
    { what: 'no alert', every: 250 },
  )
})

for (const row of rows) {
  await t.test(row.name, async (t) => {
    const began = Date.now()
    await row.breakIt()
    await tell(t, row)
    t.comment(`broken to firing: ${((Date.now() - began) / 1_000).toFixed(1)} s`)
    for (const host of hosts) {
      const { state } = await port80.waitFor(secretName(host), () => true, 'known')
      t.equal(state, 'ready', 'the certificate stays')
    }
    const mended = Date.now()
    await row.mend()
    await firing((alerts) => alerts.length === 0, `${row.alert} is resolved`)
    t.comment(`mended to resolved: ${((Date.now() - mended) / 1_000).toFixed(1)} s`)
    t.equal(pebble.issued().length, hosts.length, 'the CA was not asked for anything')
  })
}

await t.test('a name that leads to an address that keeps silent: told, and nothing fires', async (t) => {
  await pebble.resolver.setAddress('shop.example.com', network.address('0.250'))
  // Three times what a rule waits for here.
  await until(
    () => prometheus.query('count_over_time(port80_finding{code="P80-312",host="shop.example.com"}[5m])'),
    (answers) => answers.some(({ value }) => value >= 10),
    { what: 'P80-312 was scraped ten times', ms: 120_000, every: 250 },
  )
  // What concerns others may be pending for a moment, when a scrape was lost.
  const alerts = (await prometheus.alerts()).filter(
    ({ state, labels }) => state === 'firing' || labels.host === 'shop.example.com',
  )
  t.same(alerts, [], 'it cannot be judged from here')
  await mesh.pointAtGateways(['shop.example.com'])
})

/** In the values of the chart: two orders, and one more every two minutes. */
const limits = { newOrders: { limit: 2, window: '4m' }, reserve: 0 }
const raised = { newOrders: { limit: 300, window: '3h' } }

await t.test('more new hosts than the limits of the CA leave room for', async (t) => {
  const { issuers } = port80.values() as { issuers: { pebble: object } }
  const began = Date.now()
  await port80.upgrade({
    issuers: { pebble: { ...issuers.pebble, limits } },
    domains: domainsOf([...hosts, ...crowd]),
  })
  const spent = ['Port80BudgetNearlySpent', 'Port80OrderHeldByBudget']
  const fires = (alerts: readonly Alert[]) => (name: string) =>
    alerts.some(({ labels }) => labels.alertname === name)
  // That a certificate is not there yet is told by alerts of its own, which wait for 15 minutes elsewhere.
  const ofCertificates = ['Port80CertificateNotInstalled', 'Port80CertificateNotReady']
  const alerts = await firing(
    (all) =>
      spent.every(fires(all)) &&
      all.every(({ labels: { alertname = '' } }) => [...spent, ...ofCertificates].includes(alertname)),
    'an order is held, the limit is spent, and nothing else fires',
  )
  t.comment(`wanted to firing: ${((Date.now() - began) / 1_000).toFixed(1)} s`)
  const byName = new Map(alerts.map((alert) => [alert.labels.alertname, alert]))
  t.same([...byName.keys()].filter((name) => !ofCertificates.includes(name ?? '')).sort(), spent)
  const held = byName.get('Port80OrderHeldByBudget')
  const host = held?.labels.host ?? ''
  t.ok(crowd.includes(host), 'one of those for which nothing was left')
  t.match(held, {
    labels: { code: 'P80-501', certificate: secretName(host) },
    annotations: { page: 'docs/findings/P80-501.md', summary: new RegExp(secretName(host)) },
  })
  t.match(byName.get('Port80BudgetNearlySpent'), {
    labels: { issuer: 'pebble', bucket: 'newOrders' },
    annotations: {
      page: 'docs/findings/P80-502.md',
      summary: /^No new certificate fits into newOrders of the CA pebble for (1m )?\d+s\.$/,
    },
  })
  // Their orders have spent the limit; to be issued takes a moment more.
  await until(
    () => pebble.issued().length,
    (count) => count === hosts.length + crowd.length - 1,
    { what: 'the others were issued', every: 100 },
  )

  const mended = Date.now()
  await port80.upgrade({
    issuers: { pebble: { ...issuers.pebble, limits: raised } },
  })
  await firing(({ length }) => length === 0, 'both are resolved')
  t.comment(`mended to resolved: ${((Date.now() - mended) / 1_000).toFixed(1)} s`)
  await port80.waitForCertificate(secretName(host))
})
