/** Prometheus finds and scrapes every pod of the chart, and what it gets is in order and the whole picture. */
import { execFile } from 'node:child_process'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { installed } from '../../peers/install.ts'
import { render } from '../chart/fixtures/helm.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { startPodDiscovery } from '../fixtures/pod-discovery.ts'
import { byAnnotations, byMonitor, type MonitorSpec } from '../fixtures/scraping.ts'
import { startMesh } from '../mesh.ts'
import { startPrometheus, type Target } from '../prometheus.ts'

const host = 'scraped.example.com'
const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const runner = await startBenchRunner(t, mesh)
await mesh.pointAtGateways([host])
const port80 = await installPort80(t, mesh, runner, {
  values: { domains: [{ hosts: [host], secretName: 'scraped' }] },
})
await port80.waitForCertificate('scraped')

const place = { discovery: await startPodDiscovery(t, mesh), namespace: port80.namespace }

/** As the chart renders it; there is no operator here that would read the object. */
async function monitor(kind: 'PodMonitor' | 'ServiceMonitor') {
  const enabled = { monitoring: { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } } }
  const object = (await render(enabled)).manifests.find((each) => each.kind === kind)
  if (!object) throw new Error(`the chart has no ${kind}`)
  return byMonitor(place, { kind, spec: object.spec as MonitorSpec })
}

const jobs = ['annotations', 'PodMonitor', 'ServiceMonitor']
const prometheus = await startPrometheus(mesh, {
  global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
  scrape_configs: [byAnnotations(place), await monitor('PodMonitor'), await monitor('ServiceMonitor')],
})
const log = () => prometheus.log()
const podNames = async () =>
  [...(await port80.pods('responder')), ...(await port80.pods('worker'))].map(({ name }) => name).sort()
const scraped = async (job: string) =>
  (await prometheus.query(`up{job="${job}"} == 1`)).map(({ labels }) => labels.pod).sort()
/** Resolves once the job scrapes these pods and no others, each once. */
const scrapes = (job: string, pods: readonly string[]) =>
  until(
    () => scraped(job),
    (found) => JSON.stringify(found) === JSON.stringify(pods),
    { what: `${job} scrapes ${pods.join(', ')}`, every: 500, log },
  )

for (const job of jobs) {
  t.test(`every pod of the chart is scraped, found by ${job}`, async (t) => {
    const pods = await podNames()
    t.equal(pods.length, 4)
    await scrapes(job, pods)
    const own = ({ labels }: Target) => labels.job === job
    // One scrape that came late on a busy machine is mended by the next.
    const targets = await until(
      async () => (await prometheus.targets()).filter(own),
      (all) => all.length === pods.length && all.every(({ health }) => health === 'up'),
      { what: `${job} has a target for each, all up`, every: 500, log },
    )
    t.same(
      targets.map(({ health, lastError }) => [health, lastError]),
      pods.map(() => ['up', '']),
      'and nothing else is tried',
    )
  })
}

t.test('each pod shows the whole picture', async (t) => {
  const ready = 'port80_certificate_ready_status{job="annotations",name="scraped",condition="True"} == 1'
  await until(
    () => prometheus.query(ready),
    (found) => found.length === 4,
    { what: 'all four pods say that the certificate is ready', every: 500, log },
  )
  // All four at once: a scrape that came late takes its pod out for a second.
  await until(
    () => prometheus.query('count(port80_build_info{job="annotations"})'),
    ([count]) => count?.value === 4,
    { what: 'all four are scraped', every: 100, log },
  )
  const one = async (expression: string) => (await prometheus.query(expression)).map(({ value }) => value)
  t.same(await one('sum(port80_leader{job="annotations"})'), [1], 'one leads')
  t.same(await one('count(port80_build_info{job="annotations"})'), [4])
  t.same(await one('count(count by (version) (port80_build_info{job="annotations"}))'), [1])
  const [left = 0] = await one(
    'min(port80_certificate_not_after_timestamp_seconds{job="annotations"}) - time()',
  )
  t.ok(left > 80 * 86_400 && left < 91 * 86_400, `expires in ${left} s`)
})

t.test('promtool finds nothing to say against the metrics of any pod', async (t) => {
  const { path } = await installed('promtool')
  for (const pod of [...(await port80.pods('responder')), ...(await port80.pods('worker'))]) {
    const { status, body } = await port80.admin(pod, '/metrics')
    t.equal(status, 200)
    t.same(await check(path, body), { code: 0, said: '' }, pod.name)
  }
  const bad = await check(path, '# TYPE port80_things counter\nport80_things 1\n')
  t.not(bad.code, 0, 'what is wrong is seen')
})

t.test('a new pod is scraped, one that ended no longer', async (t) => {
  await port80.upgrade({ responderPods: { replicas: 3 } })
  const three = await until(podNames, (pods) => pods.length === 5, { what: 'three responders, two workers' })
  for (const job of jobs) await scrapes(job, three)
  await port80.upgrade({ responderPods: { replicas: 1 } })
  const one = await until(podNames, (pods) => pods.length === 3, {
    what: 'one responder and two workers are left',
  })
  for (const job of jobs) await scrapes(job, one)
  t.pass('by each way')
})

/** `promtool check metrics` on this text. */
function check(promtool: string, text: string): Promise<{ code: unknown; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(promtool, ['check', 'metrics'], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, said: stdout + stderr }),
    )
    child.stdin?.end(text)
  })
}
