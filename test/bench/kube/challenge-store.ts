/** Tokens as ConfigMaps on a real API server: the contract of every store, with the rights that worker and responder have. */
import t from 'tap'
import { kubeChallengeStore } from '../../../src/kube/challenge-store.ts'
import { challengeStoreContract } from '../../challenge/fixtures/store-contract.ts'
import { startCluster } from './fixtures/cluster.ts'
import { readChallenges, writeChallenges } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const onForeign = () => {}

t.test('worker and responder, the responder without a watch', async (t) => {
  challengeStoreContract(t, async (_t, now) => {
    const namespace = await cluster.namespace()
    const worker = await cluster.account(namespace, { [namespace]: [writeChallenges] })
    const responder = await cluster.account(namespace, { [namespace]: [readChallenges] })
    return {
      worker: kubeChallengeStore({ client: worker.client, namespace, onForeign, now }),
      responder: kubeChallengeStore({
        client: responder.client,
        namespace,
        onForeign,
        now,
        readOnly: true,
      }),
    }
  })
})

t.test('one store that writes, reads and follows', async (t) => {
  challengeStoreContract(t, async (t, now) => {
    const namespace = await cluster.namespace()
    const { client } = await cluster.account(namespace, { [namespace]: [writeChallenges] })
    const store = kubeChallengeStore({ client, namespace, onForeign, now })
    const watch = store.follow()
    t.teardown(() => watch.stop())
    t.equal(await watch.synced(), true)
    return { worker: store, responder: store }
  })
})
