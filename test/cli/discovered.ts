/** What commands know of the objects of a cluster when it cannot be reached; with a cluster: test/bench/kube. */
import t, { type Test } from 'tap'
import { namesTold, seeObjects } from '../../src/cli/discovered.ts'
import { configSchema } from '../../src/config/schema.ts'
import { clusterOf } from '../../src/serve/cluster.ts'
import { liveOf } from '../../src/serve/live.ts'

t.setTimeout(60_000)

/** Nothing listens on port 1. */
function unreachable(t: Test) {
  const kubeconfig = {
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'one', user: { token: 'token' } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one', namespace: 'port80' } }],
  }
  const directory = t.testdir({ kubeconfig: JSON.stringify(kubeconfig) })
  const config = configSchema.parse({
    kubernetes: { kubeconfig: `${directory}/kubeconfig` },
    store: { kubernetes: {} },
    discovery: { istio: { namespaces: ['shop'] } },
  })
  const cluster = clusterOf(config, 'test')
  return { cluster, live: liveOf(config, { readOnly: true, cluster }) }
}

t.test('objects that cannot be read are told, and end the look', async (t) => {
  const { live, cluster } = unreachable(t)
  await seeObjects(live, cluster)
  t.same(live.config().certificates, [])
  t.match(live.sources(), [{ object: /Gateways of Istio/, state: 'unreadable', detail: /./ }])
})

t.test('without discovery nothing is asked', async (t) => {
  const live = liveOf(configSchema.parse({}))
  await seeObjects(live, () => Promise.reject(new Error('was asked')))
  t.same(live.config().certificates, [])
})

t.test('where nothing can be heard of a leader, no names are known', async (t) => {
  t.same(await namesTold(unreachable(t).cluster), [])
})
