/**
 * The API server is away for a minute: redirects, tokens that are known and TLS go on without one failure, nothing is
 * restarted, and afterwards the worker leads and orders again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { startHttpStream, startTlsStream } from '../fixtures/stream.ts'
import { ask, askToken, onPod, tokensIn } from '../fixtures/tokens.ts'
import { startOwnMesh } from '../mesh.ts'

const outageMs = 60_000
const mesh = await startOwnMesh(t, { pebble: { validationSleep: 0 } })
const { must, gateways, pebble, controlPlane } = mesh
const runner = await startBenchRunner(t, mesh)
const hosts = ['book.example.com', 'later.example.com']
const [host = '', later = ''] = hosts
await mesh.pointAtGateways(hosts)
const book = { hosts: [host], secretName: 'book-certificate', tlsGateway: 'create' }
const port80 = await installPort80(t, mesh, runner, { values: { domains: [book] } })
await port80.waitForCertificate('book-certificate')
const [responders, workers] = [await port80.pods('responder'), await port80.pods('worker')]
const known = await (await tokensIn(mesh.api(), port80.namespace)).present(host)
for (const pod of responders) {
  await until(
    () => askToken(onPod(pod), known),
    ({ status }) => status === 200,
    {
      what: `${pod.name} knows the token`,
    },
  )
}
const ips = gateways.pods.map(({ ip }) => ip)

await t.test('for a minute without the API server nothing fails that was known before', async (t) => {
  const http = startHttpStream(t, { ips, hosts: [host, 'any.example.com'] })
  const tls = startTlsStream(t, { ips, hosts: [host] })
  await Promise.all([http.settled(), tls.settled()])
  await controlPlane.stopApi()
  const end = Date.now() + outageMs
  let led = true
  while (Date.now() < end) {
    for (const ip of ips)
      t.match(await askToken({ ip, port: 80 }, known), { status: 200, body: known.keyAuthorization })
    for (const pod of responders) t.equal((await port80.admin(pod, '/readyz')).status, 200, 'stays ready')
    for (const pod of [...responders, ...workers])
      t.equal((await port80.admin(pod, '/livez')).status, 200, 'a restart would mend nothing')
    const states = await Promise.all(workers.map((pod) => port80.status(pod)))
    led = states.some(({ worker }) => worker.role === 'leader')
    await pause(5_000)
  }
  t.equal(led, false, 'who cannot renew the Lease does not lead')
  for (const pod of workers) {
    const { worker } = await port80.status(pod)
    t.match(worker.lastError, /unreachable|ECONNREFUSED|connection|leases/i, 'and says why')
  }
  for (const stream of [http, tls]) {
    const report = await stream.stop()
    t.comment(`${report.asked} requests`)
    t.match(report, { failed: 0, failures: {} }, report.examples.join('\n'))
    t.ok(report.asked > 200, 'a steady stream')
  }
})

await t.test(
  'a responder that starts meanwhile redirects, and is not ready: it knows no token',
  async (t) => {
    const [pod] = responders
    if (!pod) throw new Error('no responder')
    runner.kill(pod, 'SIGKILL')
    await until(
      () => ask(onPod(pod), host, '/page'),
      ({ status }) => status === 301,
      {
        what: 'it redirects again',
      },
    )
    // The public port listens before the admin port does.
    const { status, body } = await until(
      () => port80.admin(pod, '/readyz'),
      () => true,
      { what: 'its admin port answers' },
    )
    t.equal(status, 503)
    t.match(body, /token store/)
    // Not a miss, which a CA would take for an answer.
    t.match(await askToken(onPod(pod), known), { status: 503 })
  },
)

await t.test('the API server comes back: all is as it was, and orders go on', async (t) => {
  await controlPlane.startApi()
  const began = Date.now()
  await port80.leader()
  await until(
    () => port80.status(),
    ({ worker }) => worker.role === 'leader',
    { what: 'one leads', ms: 120_000, every: 250 },
  )
  t.comment(`led again after ${Date.now() - began} ms`)
  for (const pod of responders) {
    await until(
      () => port80.admin(pod, '/readyz'),
      ({ status }) => status === 200,
      { what: `${pod.name} is ready`, ms: 120_000, every: 250 },
    )
    t.match(await askToken(onPod(pod), known), { status: 200 })
  }
  t.equal(pebble.issued().length, 1, 'nothing was ordered twice')
  await port80.upgrade({ domains: [book, { hosts: [later], secretName: 'later-certificate' }] })
  await port80.waitForCertificate('later-certificate')
  t.equal(pebble.issued().length, 2)
})

await t.test('nothing but the one that was killed was restarted, and the log stayed short', async (t) => {
  const path = `/api/v1/namespaces/${port80.namespace}/pods`
  const { items } = await must<{ items: V1Pod[] }>('GET', path)
  const restarts = items.flatMap(({ metadata, status }) =>
    (status?.containerStatuses ?? []).map(({ restartCount }) => [metadata?.name, restartCount]),
  )
  for (const [name, count] of restarts) t.equal(count, name === responders[0]?.name ? 1 : 0, String(name))
  for (const role of ['worker', 'responder'] as const) {
    const warnings = port80
      .log(role)
      .split('\n')
      .filter((line) => /"level":(40|"warn")/.test(line))
    t.ok(warnings.length < 60, `${warnings.length} warnings of the ${role}s`)
    if (warnings.length >= 60) t.comment(warnings.slice(0, 30).join('\n'))
  }
})
