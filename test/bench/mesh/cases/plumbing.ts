/** The bench itself: what Istio's objects say is what two real gateway pods do, and what the CA finds through them. */
import { createServer, request, type IncomingMessage } from 'node:http'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import * as acme from 'acme-client'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { secretData, selfSigned, servedSerial } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t)
const { must, gateways } = mesh
const host = 'plumbing.example.com'
const [one, two] = gateways.pods
if (!one || !two) throw new Error('two gateway pods were started')
const { namespace } = gateways
const secrets = `/api/v1/namespaces/${gateways.namespace}/secrets`
const credentialName = 'plumbing-certificate'
const first = await selfSigned(host, '11aa')

/** Key authorizations by token. */
const tokens = new Map<string, string>()
const challengePath = '/.well-known/acme-challenge/'
// This process is the endpoint that the route leads to, at the machine's own address in the network.
const server = createServer((question, answer) => {
  const token = question.url?.startsWith(challengePath) ? question.url.slice(challengePath.length) : ''
  answer.end(tokens.get(token) ?? `${question.headers.host} ${question.url}`)
})
server.listen(0, mesh.network.address('255.254'))
await once(server, 'listening')
t.teardown(() => server.close())
const address = server.address()
const port = typeof address === 'object' && address !== null ? address.port : 0

/** What the gateway pod answers on port 80 for that Host. */
async function ask(
  ip: string,
  path: string,
  Host = host,
): Promise<{ status: number; location: string; body: string }> {
  const asking = request({ host: ip, port: 80, path, headers: { Host }, agent: false }).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  const body = (await answer.setEncoding('utf8').toArray()).join('')
  return { status: answer.statusCode ?? 0, location: answer.headers.location ?? '', body }
}

t.test(
  'a Service without a pod of its own is reached through both gateways, the rest is redirected',
  async (t) => {
    const elsewhere = await mesh.namespace()
    const core = `/api/v1/namespaces/${elsewhere}`
    await must('POST', `${core}/services`, {
      metadata: { name: 'answers' },
      spec: { ports: [{ name: 'http', port: 80, targetPort: port }] },
    })
    await must('POST', `/apis/discovery.k8s.io/v1/namespaces/${elsewhere}/endpointslices`, {
      metadata: { name: 'answers-1', labels: { 'kubernetes.io/service-name': 'answers' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port }],
      endpoints: [{ addresses: [mesh.network.address('255.254')], conditions: { ready: true } }],
    })
    await makeIstioObject(must, {
      kind: 'Gateway',
      namespace,
      name: 'plumbing-http',
      spec: {
        selector: gateways.selector,
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
      },
    })
    await makeIstioObject(must, {
      kind: 'VirtualService',
      namespace,
      name: 'plumbing-http',
      spec: {
        ...{ hosts: [host], gateways: ['plumbing-http'] },
        http: [
          {
            match: [{ uri: { prefix: challengePath } }],
            route: [
              { destination: { host: `answers.${elsewhere}.svc.cluster.local`, port: { number: 80 } } },
            ],
          },
          { redirect: { scheme: 'https', redirectCode: 301 } },
        ],
      },
    })
    for (const { ip, name } of [one, two]) {
      const token = await until(
        () => ask(ip, '/.well-known/acme-challenge/abc'),
        ({ status }) => status === 200,
        { what: `${name} has the route`, log: () => mesh.istiod.log().slice(-4000) },
      )
      t.equal(token.body, `${host} /.well-known/acme-challenge/abc`)
      t.match(await ask(ip, '/page?a=1'), { status: 301, location: `https://${host}/page?a=1` })
      t.equal((await ask(ip, '/', 'other.example.com')).status, 404, 'a host that nobody routes')
    }
  },
)

t.test('the CA validates through the gateways, and issues', async (t) => {
  await mesh.pointAtGateways([host])
  acme.axios.defaults.httpsAgent = new Agent({ ca: readFileSync(mesh.pebble.tls.root) })
  const accountKey = await acme.crypto.createPrivateEcdsaKey()
  const client = new acme.Client({ directoryUrl: mesh.pebble.directoryUrl, accountKey })
  const [, csr] = await acme.crypto.createCsr({ commonName: host, altNames: [host] })
  const chain = await client.auto({
    ...{ csr, termsOfServiceAgreed: true, challengePriority: ['http-01'], skipChallengeVerification: true },
    challengeCreateFn: async (_, { token }, keyAuthorization) => void tokens.set(token, keyAuthorization),
    challengeRemoveFn: async (_, { token }) => void tokens.delete(token),
  })
  const leaf = new X509Certificate(chain)
  t.equal(leaf.subjectAltName, `DNS:${host}`)
  const serial = leaf.serialNumber.toLowerCase()
  t.same(mesh.pebble.issued(), [serial])
  await mesh.pebble.setRenewalWindow(chain.slice(0, chain.indexOf('-----END') + 26), new Date(), new Date())
  t.equal((await mesh.pebble.certificateStatus(serial))?.status, 'Valid', 'its management port is reached')
})

/** Waits until each of them serves it. */
const serves = (serial: string) =>
  Promise.all(
    [one, two].map(({ ip, name }) =>
      until(
        () => servedSerial(ip, host),
        (served) => served === serial,
        { what: `${name} serves ${serial}`, log: () => mesh.istiod.log().slice(-4000) },
      ),
    ),
  )

t.test('a Secret is served by both, and another pair in it without a restart', async (t) => {
  await must('POST', secrets, {
    ...{ metadata: { name: credentialName }, type: 'kubernetes.io/tls', data: secretData(first) },
  })
  await makeIstioObject(must, {
    kind: 'Gateway',
    namespace,
    name: 'plumbing-https',
    spec: {
      selector: gateways.selector,
      servers: [
        {
          ...{ port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: [host] },
          tls: { mode: 'SIMPLE', credentialName },
        },
      ],
    },
  })
  t.same(await serves(first.serial), [first.serial, first.serial])
  const second = await selfSigned(host, '22bb')
  await must('PATCH', `${secrets}/${credentialName}`, { data: secretData(second) })
  t.same(await serves(second.serial), [second.serial, second.serial])
  t.ok((await one.stat('listener_manager.total_listeners_active')) >= 2, "Envoy's own figures can be read")
})

t.test('a restarted gateway is not ready meanwhile, and serves again from the same address', async (t) => {
  const ready = async () => {
    const path = `/api/v1/namespaces/${gateways.namespace}/pods/${one.name}`
    const pod = await must<{ status: { conditions: { type: string; status: string }[] } }>('GET', path)
    return pod.status.conditions.find(({ type }) => type === 'Ready')?.status
  }
  t.equal(await ready(), 'True')
  await one.stop()
  t.equal(await ready(), 'False')
  await t.rejects(servedSerial(one.ip, host))
  t.equal(await servedSerial(two.ip, host), '22bb', 'the other one goes on')
  await one.start()
  t.equal(await ready(), 'True')
  t.same(await serves('22bb'), ['22bb', '22bb'])
})

t.test('the endpoints of the Service are made by the controller', async (t) => {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${gateways.namespace}/endpointslices`
  const found = await until(
    () => must<{ items: { endpoints: { addresses: string[] }[] }[] }>('GET', path),
    ({ items }) => items.flatMap((slice) => slice.endpoints ?? []).length === 2,
    { what: 'both gateways are endpoints' },
  )
  t.same(
    found.items.flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses)).sort(),
    [one.ip, two.ip].sort(),
  )
})

t.test("Istio's validation refuses what an installed Istio refuses", async (t) => {
  const spec = { hosts: ['a.example.com', 'a.example.com'], http: [{ redirect: { scheme: 'https' } }] }
  await t.rejects(
    makeIstioObject(must, { kind: 'VirtualService', namespace, name: 'twice', spec }),
    /duplicate hosts|validation\.istio\.io/,
  )
})
