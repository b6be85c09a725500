import t from 'tap'
import { expectNothingFailed, secretOf, setOrderingScene } from '../fixtures/ordering-scene.ts'

const many = ['one', 'two', 'three', 'four', 'five']
const scene = await setOrderingScene(t, {
  names: ['book', ...many],
  // The CA's side of a request stands still while all pods are replaced.
  values: { worker: { tick: '1s', requestTimeout: '3m' } },
})
const { port80, proxy } = scene

t.test('all responders are replaced after they were asked and before the CA looks', async (t) => {
  const before = await port80.pods('responder')
  const replaced = proxy.pauseAt('challenge', () => scene.restart('responder'))
  await scene.want(['book'])
  await replaced
  await port80.waitForCertificate(secretOf('book'))
  const after = await port80.pods('responder')
  t.equal(after.length, 2)
  t.notOk(
    after.some(({ uid }) => before.some((old) => old.uid === uid)),
    'the CA was answered by pods that have read the token from the store',
  )
  t.match(scene.counts(), { orders: 1, invalid: 0, issued: 1 })
  t.equal(proxy.accepted('challenge'), 1)
})

t.test('certificates are ordered while the responders are replaced one by one', async (t) => {
  const replaced = scene.restart('responder')
  await scene.want(['book', ...many])
  await Promise.all(many.map((name) => port80.waitForCertificate(secretOf(name))))
  await replaced
  t.match(scene.counts(), { orders: 1 + many.length, invalid: 0, issued: 1 + many.length })
})

t.test('meanwhile no redirect and no authorization failed', (t) => expectNothingFailed(t, scene))
