/** The policy of docs/security.md, as it stands there: the worker makes no Secret but those that port80 makes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { until } from '../fixtures/until.ts'
import { grant, startCluster, tokenFor } from './fixtures/cluster.ts'

const cluster = await startCluster(t)
const must: typeof cluster.must = (...args) => cluster.must(...args)
const own = 'port80'
const edge = 'istio-system'
const worker = { namespace: own, name: 'port80-worker' }
const serviceAccountToken = 'kubernetes.io/service-account-token'

for (const name of [own, edge]) await must('POST', '/api/v1/namespaces', { metadata: { name } })
await must('POST', `/api/v1/namespaces/${own}/serviceaccounts`, { metadata: { name: worker.name } })
const mayCreate = { apiGroups: [''], resources: ['secrets'], verbs: ['create'] }
for (const namespace of [own, edge]) await grant(cluster, worker, namespace, [mayCreate])
const token = await tokenFor(cluster, own, worker.name)

/** As the worker, unless another token is given: the status, and what the API server says. */
async function create(namespace: string, type: string, by: string | undefined = token) {
  const data = type === 'kubernetes.io/tls' ? { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' } : {}
  const annotations = { 'kubernetes.io/service-account.name': worker.name }
  const metadata = { generateName: 'book-', ...(type === serviceAccountToken && { annotations }) }
  return cluster.api().ask('POST', `/api/v1/namespaces/${namespace}/secrets`, { metadata, type, data }, by)
}

t.test('without it, a right to create is one to create Secrets of any type', async (t) => {
  t.equal((await create(own, serviceAccountToken)).status, 201)
})

t.test('with it, only what port80 makes can be made', async (t) => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/security.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n(apiVersion: admissionregistration[\s\S]*?)```/.exec(text) ?? []
  const objects = parseAllDocuments(yaml).map((one) => one.toJS() as { kind: string })
  t.same(
    objects.map(({ kind }) => kind),
    ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  )
  const group = '/apis/admissionregistration.k8s.io/v1'
  const [policy = {}, binding = {}] = objects
  await must('POST', `${group}/validatingadmissionpolicies`, policy)
  await must('POST', `${group}/validatingadmissionpolicybindings`, binding)
  const refused = await until(
    () => create(own, serviceAccountToken),
    ({ status }) => status === 422,
    { what: 'the API server has taken the policy up', every: 250 },
  )
  t.match(refused.body, 'the worker of port80 makes TLS Secrets, and records in its own namespace')
  t.equal((await create(edge, 'kubernetes.io/tls')).status, 201, 'a pair for the gateway')
  t.equal((await create(own, 'Opaque')).status, 201, 'a record')
  t.equal((await create(edge, 'Opaque')).status, 422, 'no record beside the gateway')
  t.equal((await create(edge, serviceAccountToken)).status, 422)
  const admin = await cluster
    .api()
    .ask('POST', `/api/v1/namespaces/${edge}/secrets`, { metadata: { name: 'other' }, type: 'Opaque' })
  t.equal(admin.status, 201, 'nobody else is touched')
})
