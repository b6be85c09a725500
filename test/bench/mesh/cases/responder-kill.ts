import { setTimeout as pause } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import type { PodHandle } from '../fixtures/install.ts'
import { expectNothingFailed, secretOf, setOrderingScene } from '../fixtures/ordering-scene.ts'

const many = ['one', 'two', 'three', 'four']
const scene = await setOrderingScene(t, { names: ['book', ...many] })
const { mesh, port80, proxy, runner } = scene

async function restarts({ namespace, name }: PodHandle): Promise<number> {
  const { status } = await mesh.must<V1Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${name}`)
  return status?.containerStatuses?.[0]?.restartCount ?? 0
}

t.test('a responder is killed in the moment in which the CA begins to look', async (t) => {
  const killed = proxy.pauseAt('challenge', async () => {
    const [first] = await port80.pods('responder')
    if (!first) throw new Error('there is no responder')
    runner.kill(first, 'SIGKILL')
  })
  await scene.want(['book'])
  await killed
  await port80.waitForCertificate(secretOf('book'))
  t.match(scene.counts(), { orders: 1, invalid: 0, issued: 1 })
})

t.test('responders are killed in turn while certificates are ordered', async (t) => {
  const wanted = scene.want(['book', ...many])
  for (let round = 0; round < 4; round += 1) {
    // The last one is back in every gateway: with none left there is nobody who could answer.
    const pods = await scene.inService(2)
    const victim = pods[round % 2]
    if (!victim) throw new Error('there are two')
    const lives = await restarts(victim)
    runner.kill(victim, 'SIGKILL')
    await until(
      () => restarts(victim),
      (count) => count > lives,
      { what: 'it was started again' },
    )
    await pause(2_000)
  }
  await wanted
  await Promise.all(many.map((name) => port80.waitForCertificate(secretOf(name))))
  t.match(scene.counts(), { orders: 1 + many.length, invalid: 0, issued: 1 + many.length })
})

t.test('meanwhile no redirect and no authorization failed', async (t) => {
  await scene.inService(2)
  await expectNothingFailed(t, scene)
})
