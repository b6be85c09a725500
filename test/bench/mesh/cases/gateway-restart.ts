/**
 * A gateway pod is restarted: before any certificate exists, when the CA does not answer and a placeholder is all there is,
 * and with the certificate in place. Port 443 comes up with the pod in both cases.
 */
import { X509Certificate } from 'node:crypto'
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.ts'
import { curl } from '../fixtures/asked.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { followFindings } from '../fixtures/finding-watch.ts'
import { benchValues, installPort80 } from '../fixtures/install.ts'
import { sampleApps, sampleDomains, serveSampleApps } from '../fixtures/sample-apps.ts'
import { startHttpStream, startTlsStream } from '../fixtures/stream.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import type { Gateway } from '../gateway.ts'
import { startMesh } from '../mesh.ts'
import { port80Image } from '../runner/program-images.ts'

const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const runner = await startBenchRunner(t, mesh)
const hosts = sampleApps.map(({ host }) => host)
const [one, two] = mesh.gateways.pods
if (!one || !two) throw new Error('two gateway pods were started')
await serveSampleApps(mesh, await mesh.namespace('samples'))
await mesh.pointAtGateways(hosts)
// It accepts connections and answers nothing, as a CA in trouble does.
process.kill(mesh.pebble.pid, 'SIGSTOP')
t.teardown(() => process.kill(mesh.pebble.pid, 'SIGCONT'))
const port80 = await installPort80(t, mesh, runner, {
  looks: 'as the chart has them',
  values: {
    domains: sampleDomains,
    worker: { ...(benchValues(mesh).worker as object), requestTimeout: '2s' },
  },
})

const findings = followFindings(t, port80)

/** Of the pair in each Secret, as `servedSerial` tells it. */
async function stored(secretName: string): Promise<X509Certificate> {
  const text = await until(
    async () => (await port80.secret(secretName))?.data?.['tls.crt'],
    (data) => data !== undefined,
    { what: `a pair in ${secretName}` },
  )
  return new X509Certificate(Buffer.from(text ?? '', 'base64'))
}

/** As an operator asks for it, in the pod of the leader. */
async function issue(name: string): Promise<void> {
  const command = [...port80Image().entrypoint, 'issue', name, '--config', '/etc/port80/port80.yaml']
  const { code, stdout, stderr } = await runner.exec(await port80.leader(), command)
  if (code !== 0) throw new Error(`${stdout}${stderr}`)
}

/** All three names, from this pod, as the Secrets have them. Answers how long it took (milliseconds). */
async function served(ip: string, ms: number): Promise<number> {
  const began = performance.now()
  for (const { host, secretName } of sampleApps) {
    const serial = BigInt(`0x${(await stored(secretName)).serialNumber}`)
    await until(
      () => servedSerial(ip, host),
      (seen) => BigInt(`0x${seen}`) === serial,
      { what: `${ip} serves ${secretName} for ${host}`, ms },
    )
  }
  return Math.round(performance.now() - began)
}

/** The pod comes back as a container does: same address, nothing in memory. The other one is asked meanwhile. */
async function restarts(t: Test, pod: Gateway, other: Gateway): Promise<void> {
  const meanwhile = { ips: [other.ip], hosts }
  const streams = [startHttpStream(t, meanwhile), startTlsStream(t, meanwhile)]
  await Promise.all(streams.map((stream) => stream.settled()))
  await pod.stop()
  await t.rejects(servedSerial(pod.ip, hosts[0] ?? ''), 'it is down')
  await pod.start()
  // Ready, and so in the Service's endpoints: people come at this moment.
  t.comment(`443 serves ${await served(pod.ip, 60_000)} ms after the pod is ready`)
  const page = await curl(pod.ip, 'http://hello.example.com/again')
  t.match(page, { status: 301, location: 'https://hello.example.com/again' })
  for (const stream of streams) {
    const report = await stream.stop()
    t.equal(report.failed, 0, JSON.stringify(report))
  }
}

t.test('before any certificate exists, 443 comes up with the placeholder', async (t) => {
  const status = await port80.waitFor(
    sampleDomains[0]?.secretName ?? '',
    ({ state, failures }) => state === 'placeholder' && failures > 0,
    'a placeholder, and the CA has failed',
  )
  t.match(status.attempts[0]?.failure?.reason, /^Ca/, 'the CA is what fails')
  t.same(mesh.pebble.issued(), [])
  for (const { secretName, hosts: names } of sampleDomains) {
    const certificate = await stored(secretName)
    t.equal(certificate.issuer, certificate.subject, `${secretName} is signed by itself`)
    t.equal(certificate.subjectAltName, names.map((name) => `DNS:${name}`).join(', '))
  }
  for (const { ip } of [one, two]) await served(ip, 60_000)
  await restarts(t, one, two)
  t.same(mesh.pebble.issued(), [])
})

t.test('the certificate takes its place once the CA answers, and 443 comes up with it', async (t) => {
  process.kill(mesh.pebble.pid, 'SIGCONT')
  // A minute is the first pause after a failure, ten the second: whoever sees that the CA answers again need not wait.
  await Promise.all(sampleDomains.map(({ secretName }) => issue(secretName)))
  for (const { secretName } of sampleDomains) await port80.waitForCertificate(secretName)
  for (const { secretName } of sampleDomains) t.match((await stored(secretName)).issuer, /Pebble/)
  for (const { ip } of [one, two]) await served(ip, 60_000)
  await restarts(t, one, two)
})

t.test('a gateway pod that is added serves what is there', async (t) => {
  const three = await mesh.gateways.add()
  t.comment(`443 serves ${await served(three.ip, 60_000)} ms after the pod is ready`)
  for (const { host } of sampleApps)
    t.equal(await servedSerial(three.ip, host), await servedSerial(two.ip, host))
})

t.test('no look found anything, neither before the first certificate nor while a pod was away', async (t) => {
  t.strictSame(await findings.ended(), [])
})
