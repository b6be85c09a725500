import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { expectNothingFailed, secretOf, setOrderingScene } from '../fixtures/ordering-scene.ts'

const scene = await setOrderingScene(t, { names: ['deleted', 'replaced'], pebble: { validationSleep: 3 } })
const { mesh, port80, proxy } = scene

t.test("the leader's pod is deleted while the CA looks: another goes on at once", async (t) => {
  const leader = await port80.leader()
  const held = await scene.holder()
  let at = 0
  const path = `/api/v1/namespaces/${port80.namespace}/pods/${leader.name}`
  const deleted = proxy.stopAt('challenge', 'delivered', async () => {
    at = Date.now()
    await mesh.must('DELETE', path)
  })
  await scene.want(['deleted'])
  await deleted
  await until(
    () => scene.holder(),
    (holder) => holder !== '' && holder !== held,
    { what: 'another holds the Lease', every: 10 },
  )
  t.comment(`led again ${Date.now() - at} ms after the pod was deleted`)
  await port80.waitForCertificate(secretOf('deleted'))
  t.match(scene.counts(), { orders: 1, invalid: 0, issued: 1 }, 'one order in all')
  t.equal(proxy.accepted('newOrder'), 1)
  await scene.settled('worker', 2)
})

t.test('all workers are replaced while the CA looks: one order in all', async (t) => {
  const replaced = proxy.stopAt('challenge', 'delivered', () => scene.restart('worker'))
  await scene.want(['deleted', 'replaced'])
  await replaced
  await port80.waitForCertificate(secretOf('replaced'))
  t.match(scene.counts(), { orders: 2, invalid: 0, issued: 2 })
  t.equal(proxy.accepted('newOrder'), 2)
  t.equal(proxy.accepted('finalize'), 2)
})

t.test('meanwhile no redirect and no authorization failed', (t) => expectNothingFailed(t, scene))
