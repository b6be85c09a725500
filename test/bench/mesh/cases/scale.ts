import t from 'tap'
import { followFindings } from '../fixtures/finding-watch.ts'
import { expectNothingFailed, secretOf, setOrderingScene } from '../fixtures/ordering-scene.ts'

const names = ['three', 'one', 'again']
const scene = await setOrderingScene(t, {
  names,
  looks: 'as the chart has them',
  values: { responderPods: { replicas: 3 } },
})
const { port80, runner } = scene
const findings = followFindings(t, port80)

/** Requests for a token that a responder was asked for by the worker or through a gateway, by its log. */
const answered = async () => {
  const pods = await port80.pods('responder')
  return pods.filter((pod) => runner.log(pod).includes('challenge answered')).length
}

t.test('three responders are all asked before the CA is', async (t) => {
  await scene.settled('responder', 3)
  await scene.want(['three'])
  await port80.waitForCertificate(secretOf('three'))
  t.equal(await answered(), 3)
  t.match(scene.counts(), { orders: 1, invalid: 0, issued: 1 })
})

t.test('down to one while another certificate is ordered', async (t) => {
  await scene.want(['three', 'one'], { responderPods: { replicas: 1 } })
  await port80.waitForCertificate(secretOf('one'))
  await scene.settled('responder', 1)
  t.match(scene.counts(), { orders: 2, invalid: 0, issued: 2 })
})

t.test('up to three while another certificate is ordered', async (t) => {
  await scene.want(names, { responderPods: { replicas: 3 } })
  await port80.waitForCertificate(secretOf('again'))
  await scene.settled('responder', 3)
  t.match(scene.counts(), { orders: 3, invalid: 0, issued: 3 })
})

t.test('meanwhile no redirect and no authorization failed, and no look found anything', async (t) => {
  await expectNothingFailed(t, scene)
  t.strictSame(await findings.ended(), [])
})
