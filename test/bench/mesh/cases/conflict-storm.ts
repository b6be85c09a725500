/**
 * Somebody writes all the time to everything that port80 writes, so that most of its conditional writes meet a 409: the leader
 * leads on, an order goes through once, and nobody's write is lost.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { V1Secret } from '@kubernetes/client-node'
import t from 'tap'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { startHttpStream } from '../fixtures/stream.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1, pebble: { validationSleep: 0 } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const hosts = ['book.example.com', 'first.example.com', 'second.example.com']
await mesh.pointAtGateways(hosts)
const [book, ...more] = hosts.map((host) => ({ hosts: [host], secretName: host.replaceAll('.', '-') }))
const port80 = await installPort80(t, mesh, runner, { values: { domains: [book] } })
const nameOf = (domain: { secretName: string } | undefined) => domain?.secretName ?? ''
await port80.waitForCertificate(nameOf(book))
const home = `/api/v1/namespaces/${port80.namespace}`
const ips = gateways.pods.map(({ ip }) => ip)

/** Milliseconds between two writes to one object. */
const everyMs = 40

async function targets(): Promise<string[]> {
  const labels = encodeURIComponent('app.kubernetes.io/managed-by=port80')
  const { items } = await must<{ items: V1Secret[] }>('GET', `${home}/secrets?labelSelector=${labels}`)
  const beside = [book, ...more].map(
    (each) => `/api/v1/namespaces/${gateways.namespace}/secrets/${nameOf(each)}`,
  )
  return [
    ...items.map(({ metadata }) => `${home}/secrets/${metadata?.name}`),
    ...beside,
    `/apis/coordination.k8s.io/v1/namespaces/${port80.namespace}/leases/port80-worker`,
  ]
}

/** Annotates each of them for ever; answers how often when it is stopped. */
function storm(signal: AbortSignal): Promise<number> {
  let written = 0
  const running = new Map<string, Promise<void>>()
  const blow = async (path: string) => {
    while (!signal.aborted) {
      const annotations = { 'example.com/touched': String((written += 1)) }
      const answer = await mesh.api().ask('PATCH', path, { metadata: { annotations } })
      // 409: the API server itself gives a patch up that met other writers five times.
      if (answer.status >= 300 && ![404, 409].includes(answer.status))
        throw new Error(`${path}: ${answer.status}`)
      await pause(everyMs)
    }
  }
  const look = async () => {
    while (!signal.aborted) {
      for (const path of await targets()) {
        if (running.has(path)) continue
        const blowing = blow(path)
        // Told where it is waited for.
        blowing.catch(() => undefined)
        running.set(path, blowing)
      }
      await pause(500)
    }
    await Promise.all(running.values())
    return written
  }
  return look()
}

/** Answers 409 that the API server has given so far for these. */
async function conflicts(): Promise<number> {
  const { body } = await mesh.api().ask('GET', '/metrics')
  const counts = body.split('\n').flatMap((line) => {
    const wanted = /^apiserver_request_total\{.*code="409".*resource="(secrets|leases)"/.test(line)
    return wanted ? [Number(line.slice(line.lastIndexOf(' ') + 1))] : []
  })
  return counts.reduce((sum, each) => sum + each, 0)
}

await t.test('two orders and a minute of leading in a storm of writes', async (t) => {
  const leader = await port80.leader()
  const before = await conflicts()
  const end = new AbortController()
  t.teardown(() => end.abort())
  const blowing = storm(end.signal)
  const stream = startHttpStream(t, { ips, hosts: [hosts[0] ?? ''] })
  await stream.settled()
  await port80.upgrade({ domains: [book, ...more] })
  for (const each of more) await port80.waitForCertificate(nameOf(each), 240_000)
  await pause(30_000)
  t.equal((await port80.leader()).name, leader.name, 'the same worker leads')
  t.match((await port80.status()).worker, { role: 'leader', restarts: 0 })
  end.abort()
  const written = await blowing
  const met = (await conflicts()) - before
  t.comment(`${written} writes of the storm, ${met} conflicts, ${pebble.issued().length} certificates`)
  t.ok(met > 0, 'there were conflicts')
  t.equal(pebble.issued().length, hosts.length, 'one order each')
  const report = await stream.stop()
  t.match(report, { failed: 0, failures: {} }, report.examples.join('\n'))
  for (const each of [book, ...more]) {
    const secret = await port80.secret(nameOf(each))
    t.match(
      secret?.metadata?.annotations,
      { 'example.com/touched': /\d/ },
      'the writes of the storm are there',
    )
  }
})
