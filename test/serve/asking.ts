import t from 'tap'
import { configSchema, type ConfigInput } from '../../src/config/schema.ts'
import { storeFailed } from '../../src/disk/store-failed.ts'
import { askedResponders, frontDoorsOf, internalHostOf } from '../../src/serve/asking.ts'
import { liveOf } from '../../src/serve/live.ts'

const never = new AbortController().signal
const challenge = { token: 'a', identifier: 'a.test', keyAuthorization: 'a.b' }
const away = () => Promise.reject(storeFailed('reaching the cluster', 'no token'))
const gateway = { namespaces: ['istio-system'], selector: { istio: 'ingressgateway' } }

function live(config: ConfigInput) {
  return liveOf(configSchema.parse(config), { cluster: away })
}

t.test('without responders in the configuration, the own ones are asked', async (t) => {
  const own = [{ id: 'own', ask: async () => ({ served: true }) as const }]
  const asked = askedResponders(live({}), away, () => own)
  t.equal(await asked(), own)
})

t.test('a cluster that cannot be asked who runs is no reason to stop: nobody has answered yet', async (t) => {
  const config = { store: { kubernetes: {} }, responders: { service: 'pods' } }
  const [only, ...others] = await askedResponders(live(config), away, () => [])()
  t.strictSame(others, [])
  t.match(await only?.ask(challenge, never), {
    served: false,
    seen: /could not be asked who runs .*no token/,
  })
})

t.test('front doors: none, one URL, or a gateway that cannot be found', async (t) => {
  t.strictSame(await frontDoorsOf('a', live({ selfCheck: 'off' }), away), [])
  const [door] = await frontDoorsOf('a', live({}), away)
  t.equal(door?.id, 'the front door')
  const config: ConfigInput = {
    selfCheck: { gateways: true },
    certificates: [{ name: 'a', domains: ['a.test'] }],
    destinations: [{ secret: { gateway } }],
  }
  const [unknown] = await frontDoorsOf('a', live(config), away)
  t.match(await unknown?.ask(challenge, never), { served: false, seen: /no token/ })
})

t.test('the internal name needs no cluster where the namespace is written', async (t) => {
  const host = (config: ConfigInput) => internalHostOf(configSchema.parse(config), away)
  t.equal(await host({}), undefined)
  const responders = { service: 'pods' }
  const kubernetes = { clusterDomain: 'cluster.example' }
  t.equal(
    await host({ responders, kubernetes, store: { kubernetes: { namespace: 'port80' } } }),
    'pods.port80.svc.cluster.example',
  )
  await t.rejects(host({ responders, store: { kubernetes: {} } }), { message: /no token/ })
})

t.test('a Secret whose gateway cannot be looked for is a destination that says so', async (t) => {
  const directory = t.testdir()
  const config = live({
    certificates: [{ name: 'a', domains: ['a.test'] }],
    destinations: [{ secret: { gateway } }, { directory }],
  })
  const [secret, folder, ...others] = config.destinationsOf('a')
  t.strictSame(others, [])
  t.equal(secret?.id, 'Secret a of gateway istio=ingressgateway')
  t.ok(folder?.id.startsWith(directory), 'the folder')
  await t.rejects(async () => secret?.read('a'), { message: /was not looked for yet/ })
  await config.refresh()
  const [again] = config.destinationsOf('a')
  await t.rejects(async () => again?.install('a', { chainPem: '', keyPem: '' }), {
    message: 'DestinationFailed: reaching the cluster: no token',
  })
  t.strictSame(config.secretsOf('a'), [])
  t.match(config.gatewaysOf('a'), [{ ...gateway, httpPort: 80, httpsPort: 443 }])
})
