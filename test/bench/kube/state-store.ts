/** State in Secrets on a real API server: the contract of every store, and what Kubernetes adds to it. */
import t from 'tap'
import { kubeStateStore } from '../../../src/kube/state-store.ts'
import type { StateStore } from '../../../src/state/store.ts'
import { stateStoreContract } from '../../state/fixtures/store-contract.ts'
import { startCluster, type Account } from './fixtures/cluster.ts'
import { keepState } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const foreign: { path: string; fault: string }[] = []
const onForeign = (each: { path: string; fault: string }) => void foreign.push(each)

function storeOf({ client }: Account, namespace: string): StateStore {
  return kubeStateStore({ client, namespace, onForeign })
}

t.test('two workers with the rights on Secrets of their namespace', async (t) => {
  stateStoreContract(t, async () => {
    const namespace = await cluster.namespace()
    const rights = { [namespace]: [keepState] }
    return {
      one: storeOf(await cluster.account(namespace, rights), namespace),
      other: storeOf(await cluster.account(namespace, rights), namespace),
    }
  })
})

t.test('a Secret is named after its key where Kubernetes takes the name, and labelled', async (t) => {
  const namespace = await cluster.namespace()
  const store = storeOf(await cluster.account(namespace, { [namespace]: [keepState] }), namespace)
  await store.write('certificate/book', '{"v":1}', undefined)
  await store.write('account/a..b', '{}', undefined)
  type Named = { metadata: { name: string; labels: object; annotations: object }; data: { document: string } }
  const { items } = await cluster.must<{ items: Named[] }>('GET', `/api/v1/namespaces/${namespace}/secrets`)
  t.match(
    items.map(({ metadata }) => metadata.name),
    [/^port80-account\.[0-9a-f]{40}$/, 'port80-certificate-book'],
  )
  t.match(items[1], {
    metadata: {
      labels: {
        'app.kubernetes.io/managed-by': 'port80',
        'port80.io/kind': 'state',
        'port80.io/state-kind': 'certificate',
      },
      annotations: { 'port80.io/state-key': 'certificate/book' },
    },
    data: { document: Buffer.from('{"v":1}').toString('base64') },
  })
})

t.test('a Secret that is not ours is a fault, told once, and never taken for nothing', async (t) => {
  const namespace = await cluster.namespace()
  const store = storeOf(await cluster.account(namespace, { [namespace]: [keepState] }), namespace)
  const secrets = `/api/v1/namespaces/${namespace}/secrets`
  await cluster.must('POST', secrets, { metadata: { name: 'port80-holds-letsencrypt' }, data: { a: 'Yg==' } })
  foreign.length = 0
  await t.rejects(store.read('holds/letsencrypt'), { message: /^StoreFailed: .*is not the one of/ })
  await t.rejects(store.read('holds/letsencrypt'), { message: /^StoreFailed/ })
  await t.rejects(store.write('holds/letsencrypt', '{}', undefined), { name: 'StateConflict' })
  t.strictSame(foreign, [
    { path: `Secret ${namespace}/port80-holds-letsencrypt`, fault: 'is not the one of holds/letsencrypt' },
  ])
})

t.test('what the medium refuses is StoreFailed with the right that is missing', async (t) => {
  const namespace = await cluster.namespace()
  const { get, list } = { get: [{ ...keepState, verbs: ['get'] }], list: [{ ...keepState, verbs: ['list'] }] }
  const mayGet = storeOf(await cluster.account(namespace, { [namespace]: get }), namespace)
  const mayList = storeOf(await cluster.account(namespace, { [namespace]: list }), namespace)
  t.equal(await mayGet.read('certificate/book'), undefined)
  t.strictSame(await mayList.list('certificate'), [])
  const refused = (verb: string) => ({
    message: new RegExp(
      `^StoreFailed: ${verb} secrets .*in namespace ${namespace}: ` +
        `system:serviceaccount:${namespace}:account-\\d+ may not ${verb} secrets`,
    ),
  })
  await t.rejects(mayList.read('certificate/book'), refused('get'))
  await t.rejects(mayGet.list('certificate'), refused('list'))
  await t.rejects(mayGet.write('certificate/book', '{}', undefined), refused('create'))
  await t.rejects(mayGet.write('certificate/book', '{}', '1'), refused('patch'))
  await t.rejects(mayGet.remove('certificate/book', '1'), refused('delete'))
  await t.rejects(
    storeOf(await cluster.account(namespace, {}), 'no-such-namespace').read('certificate/book'),
    { message: /^StoreFailed/ },
  )
  const large = 'x'.repeat(1024 * 1024 + 1)
  await t.rejects(mayGet.write('certificate/book', large, undefined), { message: /too large/ })
})

t.test('no error holds anything of what was to be stored', async (t) => {
  const namespace = await cluster.namespace()
  const store = storeOf(await cluster.account(namespace, {}), namespace)
  const error: unknown = await store
    .write('account/x', '-----BEGIN PRIVATE KEY-----', undefined)
    .catch((e: unknown) => e)
  t.notMatch(JSON.stringify(error), /BEGIN|LS0t/)
})
