/**
 * The whole walk, by `helm install` alone: three names, two certificates, three applications behind 443 of two gateway
 * pods. What is seen is seen with curl, openssl, helm and kubectl.
 */
import { X509Certificate } from 'node:crypto'
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.ts'
import { curl, servedChain } from '../fixtures/asked.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { followFindings } from '../fixtures/finding-watch.ts'
import { helm, kubectl } from '../fixtures/helm.ts'
import { installPort80, type Installed } from '../fixtures/install.ts'
import {
  issuingRoot,
  sampleApps,
  sampleDomains,
  serveSampleApps,
  startSampleApps,
} from '../fixtures/sample-apps.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t)
const runner = await startBenchRunner(t, mesh)
const { namespace, pods: gateways } = mesh.gateways
const hosts = sampleApps.map(({ host }) => host)
const root = await issuingRoot(mesh)

const redirected = async (ip: string, host: string, path = '/some/page?a=1&b=%20') => {
  const answer = () => curl(ip, `http://${host}${path}`).catch(() => undefined)
  const page = await until(answer, (one) => one?.status === 301, { what: `${ip} redirects ${host}` })
  return page?.location
}

t.test('before: nothing answers on port 80, nor on 443', async (t) => {
  await serveSampleApps(mesh, await startSampleApps(mesh))
  for (const { ip } of gateways) {
    await t.rejects(curl(ip, 'http://hello.example.com/'))
    await t.rejects(servedChain(ip, 'hello.example.com'))
  }
})

t.test('the plain service redirects every host, whoever listed it, without a certificate', async (t) => {
  const port80 = await installPort80(t, mesh, runner, { values: { domains: [] } })
  for (const { ip } of gateways) {
    for (const host of [...hosts, 'nobody.listed.example.net', 'localhost'])
      t.equal(await redirected(ip, host), `https://${host}/some/page?a=1&b=%20`, `${host} at ${ip}`)
  }
  t.match(await port80.test(), /Phase: +Succeeded/)
  t.same(mesh.pebble.issued(), [], 'nobody asked the CA')
  await port80.uninstall()
  const { items } = JSON.parse(
    await kubectl(mesh, ['get', 'virtualservice', '--namespace', namespace, '--output', 'json']),
  ) as { items: { metadata: { name: string } }[] }
  const left = items.map(({ metadata }) => metadata.name)
  t.same(left.sort(), ['helloworld', 'httpbin', 'productpage'], 'it takes its routes with it')
})

t.test('helm install: both certificates, and the applications behind them', async (t) => {
  await mesh.pointAtGateways(hosts)
  const port80 = await installPort80(t, mesh, runner, {
    looks: 'as the chart has them',
    values: { domains: sampleDomains },
  })
  const findings = followFindings(t, port80)
  for (const { secretName } of sampleDomains) await port80.waitForCertificate(secretName)
  await t.test('openssl sees the chain of the CA for each name, at each gateway', chains)
  await t.test('curl: http, 301, https, and the page', pages)
  await t.test('every other host is redirected, too', async (t) => {
    for (const { ip } of gateways)
      t.equal(await redirected(ip, 'nobody.listed.example.net', '/'), 'https://nobody.listed.example.net/')
  })
  await t.test('helm test passes', async (t) => {
    t.match(await port80.test(), /Phase: +Succeeded/)
  })
  await t.test('kubectl tells what happened', (t) => told(t, port80))
  await t.test('each name was looked at, served as it is stored, and nothing is found', async (t) => {
    await looked(t, port80)
    t.strictSame(await findings.ended(), [])
  })
  await t.test('helm uninstall leaves the certificates, which are served on', (t) => uninstalled(t, port80))
})

async function chains(t: Test): Promise<void> {
  const intermediate = new X509Certificate(await mesh.pebble.intermediate())
  for (const { host, secretName } of sampleApps) {
    const wanted = sampleDomains.find((one) => one.secretName === secretName)?.hosts ?? []
    for (const { ip } of gateways) {
      // The Secret is there before istiod has pushed it.
      const chain = await until(
        () => servedChain(ip, host, root),
        ({ length }) => length > 0,
        { what: `${ip} serves the chain for ${host}` },
      )
      t.equal(chain.length, 2, 'leaf and intermediate, not the root')
      t.equal(chain[0]?.subjectAltName, wanted.map((name) => `DNS:${name}`).join(', '))
      t.equal(chain[1]?.fingerprint256, intermediate.fingerprint256)
    }
  }
  t.equal(mesh.pebble.issued().length, 2, 'two certificates, two orders')
}

async function pages(t: Test): Promise<void> {
  const rows = [
    { url: 'hello.example.com/hello', status: 200, body: /^Hello version: v[12], instance:/ },
    { url: 'httpbin.example.com/status/418', status: 418, body: /teapot/ },
    { url: 'book.example.com/productpage?u=normal', status: 200, body: /Simple Bookstore/ },
  ]
  for (const { url, status, body } of rows) {
    for (const { ip } of gateways) {
      const page = await until(
        () => curl(ip, `http://${url}`, { root, follow: true }),
        (one) => one.status === status,
        { what: `${url} at ${ip}`, every: 500 },
      )
      t.match(page, { status, body, redirects: 1, url: `https://${url}` })
    }
  }
}

async function told(t: Test, port80: Installed): Promise<void> {
  const rows = sampleDomains.map(({ secretName, hosts: names }) => ({ secretName, names: names.join(',') }))
  for (const { secretName, names } of rows) {
    const describe = () => kubectl(mesh, ['describe', 'secret', secretName, '--namespace', namespace])
    const text = await until(describe, (one) => /port80\.io\/status: Ready/.test(one), {
      what: `kubectl describe secret ${secretName} says Ready`,
      log: () => port80.log('worker'),
    })
    t.match(text, `port80.io/names: ${names}`)
    t.match(text, /port80\.io\/issuer: +Pebble/)
    t.match(text, /port80\.io\/not-after: +\d{4}-\d\d-\d\dT/)
    t.match(text, /port80\.io\/renewal-time: +\d{4}-\d\d-\d\dT/)
    t.match(text, /Type: +kubernetes\.io\/tls/)
    const events = () => kubectl(mesh, ['events', '--for', `secret/${secretName}`, '--namespace', namespace])
    t.match(await until(events, (one) => /Issued/.test(one), { what: `an Event of ${secretName}` }), /Normal/)
  }
}

/** By the canary along both legs and by the proof of serving, at every pod; longer than the proof waits before it accuses. */
async function looked(t: Test, port80: Installed): Promise<void> {
  const pods = gateways.map(({ name }) => `${namespace}/${name}`).sort()
  const all = await until(
    () => port80.status(),
    ({ at, legs = [], served = [], certificates }) =>
      hosts.every((host) => legs.some((each) => each.host === host && each.leg === 'outside')) &&
      // A leg is told as it was seen last; one lost look on a busy machine is mended by the next.
      legs.every(({ ok }) => ok) &&
      served.length === hosts.length * pods.length &&
      certificates.every(({ attempts }) => attempts.every(({ at: ended }) => at - ended > 70_000)),
    {
      what: 'everything was looked at',
      every: 500,
      ms: 180_000,
      log: () => port80.log('worker').slice(-4_000),
    },
  )
  for (const host of hosts) {
    const legs = all.legs?.filter((each) => each.host === host) ?? []
    t.strictSame(
      legs.map(({ leg, at, ok }) => `${leg} ${at} ${ok}`).sort(),
      [...pods.map((pod) => `inside ${pod} true`), ...gateways.map(({ ip }) => `outside ${ip} true`)].sort(),
    )
  }
  t.ok(
    all.served?.every(({ matches }) => matches),
    JSON.stringify(all.served),
  )
  t.match(
    all.looks?.map(({ look, state }) => `${look} ${state}`),
    ['preflight warn', 'canary every', 'serving every', 'observe off', 'lint asked'],
  )
}

async function uninstalled(t: Test, port80: Installed): Promise<void> {
  await port80.uninstall()
  const list = ['list', '--namespace', port80.namespace, '--short']
  t.equal((await helm(mesh, list)).trim(), '')
  for (const { secretName } of sampleDomains) t.ok(await port80.secret(secretName), secretName)
  for (const { host } of sampleApps)
    for (const { ip } of gateways) t.equal((await servedChain(ip, host, root)).length, 2, `${host} at ${ip}`)
}
