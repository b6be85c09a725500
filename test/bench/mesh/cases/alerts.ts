/**
 * Each shipped alert is seen firing on a live Prometheus that scrapes the installed chart. The rules are those that the chart
 * renders, without their `for` and with two thresholds that a test can reach; what sets them off is done to the cluster,
 * the CA and the Secrets. (What makes a worker hang is not known, so its metric alone comes from the test; those of findings
 * are seen with real mistakes in finding-alerts.ts.)
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.ts'
import { hostOf, secretOf, setOrderingScene } from '../fixtures/ordering-scene.ts'
import { startPodDiscovery } from '../fixtures/pod-discovery.ts'
import { byAnnotations } from '../fixtures/scraping.ts'
import { shippedRules } from '../fixtures/shipped-rules.ts'
import { secretData, selfSigned } from '../fixtures/tls-pair.ts'
import { askToken, tokensIn } from '../fixtures/tokens.ts'
import { startPrometheus, type Alert } from '../prometheus.ts'

/** What an hour and three failures are for people. */
const thresholds: Readonly<Record<string, readonly [string, string]>> = {
  Port80RenewalOverdue: ['> 3600', '> 5'],
  Port80CertificateFailing: ['>= 3', '>= 1'],
}
const seconds = { profiles: { default: 7_776_000, short: 60 } }
const scene = await setOrderingScene(t, { names: ['short', 'foreign'], pebble: seconds })
const { mesh, port80, proxy } = scene
const { must, network } = mesh
const core = `/api/v1/namespaces/${port80.namespace}`
const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${port80.namespace}/rolebindings`

/** What is scraped of the stand-in. */
const standInSays = { metrics: 'port80_worker_stuck 0' }
const standIn = createServer((_, answer) =>
  answer.setHeader('content-type', 'text/plain').end(`${standInSays.metrics}\n`),
)
standIn.listen(0, network.address('255.254'))
await once(standIn, 'listening')
t.teardown(() => standIn.close())
const address = standIn.address()
const standInPort = typeof address === 'object' ? address?.port : undefined

const { file: ruleFile, rules } = await shippedRules(mesh.directory, { thresholds })
const discovery = await startPodDiscovery(t, mesh)
const prometheus = await startPrometheus(mesh, {
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  rule_files: [ruleFile],
  scrape_configs: [
    byAnnotations({ discovery, namespace: port80.namespace }),
    {
      job_name: 'stand-in',
      static_configs: [{ targets: [`${network.address('255.254')}:${standInPort}`] }],
    },
  ],
})

const seen = new Set<string>()
/** Resolves with the alert once it fires from now on, however short; of the certificate of that name, when one is given. */
async function fires(alertname: string, ms = 180_000, name = ''): Promise<Alert['labels']> {
  const which = name === '' ? '' : `,name="${name}"`
  const began = Date.now()
  const ask = () => {
    const window = Math.ceil((Date.now() - began) / 1_000) + 1
    return prometheus.query(
      `max_over_time(ALERTS{alertname="${alertname}",alertstate="firing"${which}}[${window}s])`,
    )
  }
  const [sample] = await until(ask, (found) => found.length > 0, {
    what: `${alertname} fires`,
    ms,
    every: 500,
    log: () => port80.log('worker').slice(-3_000),
  })
  seen.add(alertname)
  return sample?.labels ?? {}
}

/** Takes the binding away while `act` is at work, and puts it back as it was. */
async function without(binding: string, act: () => Promise<void>): Promise<void> {
  type Binding = { metadata: { name: string; labels: object; annotations: object } }
  const { metadata, ...rest } = await must<Binding>('GET', `${bindings}/${binding}`)
  await must('DELETE', `${bindings}/${binding}`)
  try {
    await act()
  } finally {
    const { name, labels, annotations } = metadata
    await must('POST', bindings, { ...rest, metadata: { name, labels, annotations } })
  }
}

const calm = async (t: Test) => {
  await until(
    () => prometheus.query('count(port80_build_info{job="annotations"})'),
    ([count]) => count?.value === 4,
    { what: 'four pods are scraped', every: 500 },
  )
  // The first look of all, before anything was scraped, has found nothing of port80.
  const firing = await until(
    () => prometheus.alerts(),
    (alerts) => alerts.length === 0,
    { what: 'nothing fires', every: 500 },
  )
  t.same(firing, [])
}

t.test('nothing fires while all is well', calm)

t.test('a Secret of another tool: nothing is ordered for it, and it is told', async (t) => {
  const { namespace } = mesh.gateways
  await must('POST', `/api/v1/namespaces/${namespace}/secrets`, {
    type: 'kubernetes.io/tls',
    metadata: { name: secretOf('foreign'), annotations: { 'cert-manager.io/certificate-name': 'foreign' } },
    data: secretData(await selfSigned(hostOf('foreign'), '77aa')),
  })
  const domain = (name: string) => ({ hosts: [hostOf(name)], secretName: secretOf(name) })
  await port80.upgrade({ domains: [{ ...domain('short'), profile: 'short' }, domain('foreign')] })
  t.match(await fires('Port80CertificateNotInstalled'), { name: secretOf('foreign') })
})

t.test('the CA sets a limit, and a renewal waits until the certificate has expired', async (t) => {
  await port80.waitForCertificate(secretOf('short'))
  const problem = { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many new orders' }
  proxy.fault('newOrder', { kind: 'answer', status: 429, retryAfter: '3600', problem }, { times: 100 })
  t.match(await fires('Port80LimitedByCa', 240_000), { issuer: 'pebble' })
  const overdue = ['CertificateFailing', 'RenewalOverdue', 'CertificateExpiresSoon', 'CertificateNotReady']
  for (const alert of overdue) t.ok(await fires(`Port80${alert}`, 180_000, secretOf('short')), alert)
})

t.test('a configuration with a fault', async (t) => {
  const path = `${core}/configmaps/port80-worker`
  const { data } = await must<{ data: Record<string, string> }>('GET', path)
  await must('PATCH', path, { data: { 'port80.yaml': `${data['port80.yaml']}\nnonsense: true\n` } })
  t.ok(await fires('Port80ConfigurationRefused'))
  await must('PATCH', path, { data })
})

t.test('a token is asked for under another name', async (t) => {
  const tokens = await tokensIn(mesh.api(), port80.namespace)
  const token = await tokens.present(hostOf('short'))
  const ip = mesh.gateways.pods[0]?.ip ?? ''
  const asking = setInterval(() => {
    void askToken({ ip, port: 80 }, { ...token, host: hostOf('foreign') }).catch(() => undefined)
  }, 1_000)
  t.teardown(() => clearInterval(asking))
  t.ok(await fires('Port80ChallengesMissed'))
  await tokens.remove(token)
})

t.test('a responder that may not read', async (t) => {
  await without('port80-responder', async () => {
    const [pod] = await port80.pods('responder')
    await must('DELETE', `${core}/pods/${pod?.name}`)
    t.ok(await fires('Port80StoreUnreadable'))
  })
  await scene.settled('responder', 2)
})

t.test('workers that may not renew the Lease: nobody leads, and soon nobody knows', async (t) => {
  await without('port80-worker', async () => {
    t.ok(await fires('Port80NobodyLeads'))
    t.ok(await fires('Port80StatusStale', 240_000))
  })
})

t.test('a worker that hangs', async (t) => {
  standInSays.metrics = 'port80_worker_stuck 1'
  t.ok(await fires('Port80WorkerStuck'))
})

t.test('nothing of port80 is there', async (t) => {
  await scene.stream.stop()
  await port80.uninstall()
  t.ok(await fires('Port80Absent'))
})

t.test('these were all', (t) => {
  const elsewhere = ['FindingError', 'FindingWarning', 'OrderHeldByBudget', 'BudgetNearlySpent'].map(
    (name) => `Port80${name}`,
  )
  t.same([...seen, ...elsewhere].sort(), rules.map(({ alert }) => alert).sort())
  t.end()
})
