/** The sample applications run in pods' namespaces, and Prometheus scrapes there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startResolver } from '../../peers/challtestsrv.ts'
import { startChild } from '../../peers/child.ts'
import { placed } from '../../peers/place.ts'
import { openNetwork, resolverEnd } from '../network.ts'
import { peerPlace } from '../peer-place.ts'
import { startPrometheus } from '../prometheus.ts'
import { samplePrograms } from '../samples.ts'

const directory = mkdtempSync(join(tmpdir(), 'port80-samples-'))
const network = await openNetwork()
// Bookinfo's page asks for the names of its missing parts.
const resolver = await peerPlace(network, { name: 'resolver', directory, end: resolverEnd })
await startResolver(resolver.directory, resolver)
t.teardown(async () => {
  await network.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Starts the program in a namespace; the URL of its port there. */
async function start(image: string): Promise<string> {
  const programs = Object.entries(await samplePrograms())
  const [, program] = programs.find(([known]) => known.endsWith(`/${image}`)) ?? []
  if (!program) throw new Error(`no manifest of Istio's has an image ${image}`)
  const place = await peerPlace(network, { name: image, directory })
  const [command = '', ...args] = program.entrypoint
  const url = `http://${place.host}:${program.port}`
  await startChild({
    ...{ name: image, directory: place.directory, cwd: program.workingDir, env: program.env },
    ...placed(place, command, args),
    ready: async () => (await fetch(url)).status < 500,
    timeoutMs: 180_000,
  })
  return url
}

const rows = [
  {
    image: 'examples-helloworld-v1',
    path: '/hello',
    status: 200,
    body: /^Hello version: v1, instance:/,
  },
  {
    image: 'examples-bookinfo-productpage-v1',
    path: '/productpage',
    status: 200,
    body: /Simple Bookstore/,
  },
  { image: 'go-httpbin', path: '/status/418', status: 418, body: /teapot/ },
]

for (const { image, path, status, body } of rows) {
  t.test(`${image} shows its page`, async (t) => {
    const answer = await fetch(`${await start(image)}${path}`)
    t.equal(answer.status, status)
    t.match(await answer.text(), body)
  })
}

t.test('Prometheus scrapes in the network and answers queries', async (t) => {
  const prometheus = await startPrometheus(
    { network, directory },
    {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      scrape_configs: [
        { job_name: 'itself', static_configs: [{ targets: [`${network.address('255.254')}:1`] }] },
      ],
    },
  )
  const [down] = await until(
    () => prometheus.query('up{job="itself"}'),
    (found) => found.length > 0,
    { what: 'the first scrape', log: () => prometheus.log() },
  )
  t.match(down, { labels: { job: 'itself' }, value: 0 }, 'nothing listens there')
  t.match(await prometheus.targets(), [{ health: 'down', lastError: /refused/ }])
  await t.rejects(prometheus.query('up{'), /parse error/)
  t.same(await prometheus.alerts(), [])
  await prometheus.stop()
})
