/**
 * A renewal that the CA asks for (its ARI window is moved into the past): both gateway pods serve the new certificate, and
 * of a steady stream of handshakes and redirects through them nothing fails. Nobody restarts anything.
 */
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { followFindings } from '../fixtures/finding-watch.ts'
import { installPort80 } from '../fixtures/install.ts'
import { sampleApps, sampleDomains, serveSampleApps } from '../fixtures/sample-apps.ts'
import { startHttpStream, startTlsStream } from '../fixtures/stream.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'

// A short life, because port80 then asks about every tenth of it, whatever Pebble's Retry-After of six hours says; and long
// enough that nothing is renewed for its age while this runs.
const mesh = await startMesh(t, { pebble: { profiles: { default: 500 }, validationSleep: 0 } })
const runner = await startBenchRunner(t, mesh)
const gateways = mesh.gateways.pods
const hosts = sampleApps.map(({ host }) => host)
const ips = gateways.map(({ ip }) => ip)
const name = 'test-certificate'
const renewed = hosts.slice(0, 2)
await serveSampleApps(mesh, await mesh.namespace('samples'))
await mesh.pointAtGateways(hosts)
const port80 = await installPort80(t, mesh, runner, {
  looks: 'as the chart has them',
  values: { domains: sampleDomains },
})
const findings = followFindings(t, port80)
for (const { secretName } of sampleDomains) await port80.waitForCertificate(secretName)

const leaf = async () => {
  const text = (await port80.secret(name))?.data?.['tls.crt'] ?? ''
  const chain = Buffer.from(text, 'base64').toString()
  return chain.slice(0, chain.indexOf('-----END') + '-----END CERTIFICATE-----\n'.length)
}
const serves = (ip: string, host: string, serial: string) =>
  until(
    () => servedSerial(ip, host),
    (served) => BigInt(`0x${served}`) === BigInt(`0x${serial}`),
    { what: `${ip} serves ${serial} for ${host}`, ms: 120_000, log: () => port80.log('worker').slice(-4000) },
  )

t.test('the window is moved, the certificate renewed, and no request fails', async (t) => {
  const [first] = await serialsOf(name)
  for (const ip of ips) for (const host of renewed) await serves(ip, host, first)
  const before = await whatRuns()
  const options = { ips, hosts, ca: await mesh.pebble.root() }
  const streams = [startHttpStream(t, options), startTlsStream(t, options)]
  await Promise.all(streams.map((stream) => stream.settled()))
  await mesh.pebble.setRenewalWindow(await leaf(), new Date(Date.now() - 60_000), new Date(Date.now() - 1))
  const [second] = await until(
    () => serialsOf(name),
    ([serial]) => serial !== first,
    { what: 'another serial number', ms: 180_000, log: () => port80.log('worker').slice(-6000) },
  )
  for (const ip of ips) for (const host of renewed) await serves(ip, host, second)
  await Promise.all(streams.map((stream) => stream.more(100)))
  for (const stream of streams) {
    const report = await stream.stop()
    t.comment(JSON.stringify(report))
    t.equal(report.failed, 0, JSON.stringify(report))
    t.ok(report.asked > 100)
  }
  t.same(await whatRuns(), before, 'no pod is another one, no container was restarted')
  const attemptsOf = (await port80.status()).certificates.map((each) => ({ [each.name]: each.attempts }))
  t.equal(
    mesh.pebble.issued().length,
    3,
    `one order for it, none for the other: ${JSON.stringify(attemptsOf)}`,
  )
  t.match(mesh.pebble.log(), /ARI: order ".+" is a replacement of/, 'the order named what it replaces')
  const { attempts } = await port80.waitForCertificate(name)
  t.equal(attempts[0]?.why, 'RenewalWindow')
  t.strictSame(await findings.ended(), [], 'no look found anything')
})

async function serialsOf(certificate: string): Promise<[string]> {
  const found = (await port80.status()).certificates.find((one) => one.name === certificate)
  return [found?.current?.serial ?? '']
}

/** Every pod of port80 and of the gateway with its restarts. */
async function whatRuns(): Promise<string[]> {
  const namespaces = [port80.namespace, mesh.gateways.namespace]
  const lists = await Promise.all(
    namespaces.map((each) => mesh.must('GET', `/api/v1/namespaces/${each}/pods`)),
  )
  return (lists as { items: Pod[] }[]).flatMap(({ items }) =>
    items.map(({ metadata, status }) => `${metadata.uid} ${status.containerStatuses[0]?.restartCount}`),
  )
}

interface Pod {
  readonly metadata: { readonly uid: string }
  readonly status: { readonly containerStatuses: readonly { readonly restartCount: number }[] }
}
