/** `port80 lint` on a real API server: with all rights, with one withheld, with those of a worker, and before any CRD. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { runCommand, sources, type CommandResult } from '../fixtures/port80.ts'
import { installCustomResources } from '../mesh/custom-resources.ts'
import { startCluster, type Account, type Rule } from './fixtures/cluster.ts'
import { grantEverywhere, istioGateway, istioPlace, makePod } from './fixtures/discovering.ts'
import { findGateways, writePairs } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const [home, edge] = [await cluster.namespace(), await cluster.namespace()]
const selector = { istio: edge }
const now = Date.now()
const pair = await makePair({ names: ['book.example.com'], notBefore: now, notAfter: now + 80 * 86_400_000 })
const unnamed = 'nobody names this one'

const secret = (name: string, data: Readonly<Record<string, string>>) =>
  cluster.must('POST', `/api/v1/namespaces/${edge}/secrets`, { metadata: { name }, stringData: data })
await makePod(cluster, edge, selector)
await secret('book', { 'tls.crt': pair.chainPem, 'tls.key': pair.keyPem })
await secret('other', { password: unnamed })

const base: ConfigInput = {
  certificates: [
    {
      name: 'book',
      domains: ['book.example.com'],
      destinations: [{ secret: { gateway: { namespaces: [edge], selector } } }],
    },
  ],
  store: { kubernetes: { namespace: home } },
}

interface Report {
  readonly findings: readonly { readonly code: string }[]
  readonly remarks: readonly string[]
  readonly objects: number
}

async function lint(kubeconfig: string): Promise<CommandResult & { readonly report: Report }> {
  const file = join(cluster.directory, 'lint.yaml')
  writeFileSync(file, stringify({ ...base, kubernetes: { kubeconfig } }))
  const ran = await runCommand([sources, 'lint', '--json', '--config', file])
  t.notMatch(ran.stdout + ran.stderr, /PRIVATE KEY|BEGIN CERTIFICATE/, 'no value of a Secret')
  t.notOk((ran.stdout + ran.stderr).includes(unnamed))
  return { ...ran, report: JSON.parse(ran.stdout || '{}') as Report }
}

/** As an operator has it: token and root of the account, in a file. */
function kubeconfigOf({ name, token, folder }: Account): string {
  const file = join(cluster.directory, `${name}.kubeconfig`)
  const ca = readFileSync(join(folder, 'ca.crt')).toString('base64')
  const server = cluster.api().url
  writeFileSync(
    file,
    stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'a' },
      clusters: [{ name: 'a', cluster: { server, 'certificate-authority-data': ca } }],
      users: [{ name: 'a', user: { token } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a', namespace: home } }],
    }),
  )
  return file
}

const read = (apiGroups: string[], resources: string[], verbs = ['get', 'list']): Rule => ({
  ...{ apiGroups, resources, verbs },
})
const everything: readonly Rule[] = [
  read(['networking.istio.io', 'security.istio.io', 'gateway.networking.k8s.io'], ['*']),
  read([''], ['services', 'namespaces', 'secrets', 'configmaps']),
  read(['rbac.authorization.k8s.io'], ['*']),
]

t.test('before any custom resource is known: no crash, and no remark', async (t) => {
  const { code, report, stderr } = await lint(cluster.api().kubeconfig)
  t.same(report.remarks, [], stderr)
  t.ok(report.objects > 3)
  t.ok(code <= 1)
})

t.test('with the objects of a mesh', async (t) => {
  await installCustomResources((method, path, body) => cluster.must(method, path, body))
  await cluster.must(
    'POST',
    istioPlace(edge),
    istioGateway('book', { selector, hosts: ['book.example.com'], labels: {} }),
  )
  const viewer = await cluster.account(home, {})
  await grantEverywhere(cluster, { ...viewer, namespace: home }, everything)
  const before = (await lint(cluster.api().kubeconfig)).report
  t.same(before.remarks, [])

  await t.test('a right that is withheld is a remark, and costs nothing else', async (t) => {
    const { report, stderr } = await lint(kubeconfigOf(viewer))
    t.equal(report.remarks.length, 1)
    t.match(report.remarks[0], /^list pods in all namespaces: .* may not list pods there \(403\)/)
    t.match(stderr, /list pods in all namespaces/)
    t.equal(report.objects, before.objects - 1, 'all but the pod')
  })

  await t.test(
    'with the rights of a worker: its own Secret is looked at, and what is not is said',
    async (t) => {
      const account = await cluster.account(home, { [edge]: [findGateways, ...writePairs(['book'])] })
      const { report, code } = await lint(kubeconfigOf(account))
      t.equal(report.objects, 2, 'the pod and the Secret')
      t.ok(code <= 1)
      t.match(
        report.remarks.find((each) => each.startsWith('list secrets')),
        /403.*; 1 were found by name/,
      )
      t.match(
        report.remarks.find((each) => each.startsWith('list pods')),
        new RegExp(`read in ${edge} only`),
      )
    },
  )

  await t.test('a cluster that does not answer is said in one line', async (t) => {
    const account = await cluster.account(home, {})
    const file = kubeconfigOf(account)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/https:\S+/, 'https://127.0.0.1:1'))
    const { code, stderr } = await lint(file)
    t.equal(code, 4)
    t.match(stderr, /^port80: StoreFailed: reading the cluster: list .*no connection to the API server/)
    t.equal(stderr.trim().split('\n').length, 1)
  })
})
