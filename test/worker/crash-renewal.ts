/** A worker that is killed anywhere while it renews a certificate or revokes one. */
import fc from 'fast-check'
import t from 'tap'
import { day, desired, hour } from '../certificate/fixtures/builders.ts'
import { isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { check, killedAnywhere, runKilled, type Scene } from './fixtures/killed.ts'

t.setTimeout(300_000)

const ari = desired({ renewal: { ari: true } })

/** A first certificate is there; the clock then stands where it is due by the fraction of its lifetime. */
async function issuedAndDue(scene: Bench): Promise<void> {
  await worker(scene).run(isInstalled(scene))
  scene.time += 75 * day
}

async function ask(scene: Bench, request: object): Promise<void> {
  scene.time += hour
  await scene.state.write('request/book', JSON.stringify({ v: 1, at: scene.time, ...request }), undefined)
  scene.time += 1
}

const noRequest = async (scene: Bench): Promise<boolean> => (await scene.state.list('request')).length === 0

const askedFor: Scene = {
  name: 'a renewal that is asked for',
  async prepare(scene) {
    await worker(scene).run(isInstalled(scene))
    await ask(scene, { do: 'renew' })
  },
  issued: 2,
  settled: noRequest,
}

const scenes: readonly Scene[] = [
  {
    name: 'a renewal',
    prepare: issuedAndDue,
    issued: 2,
  },
  {
    name: 'a renewal in the window of the CA',
    async prepare(scene) {
      scene.wanted = [ari]
      await issuedAndDue(scene)
      scene.main.renewalWindow = () => ({ start: scene.time - 2 * hour, end: scene.time - hour })
    },
    issued: 2,
  },
  {
    name: 'a renewal with the same key',
    async prepare(scene) {
      scene.wanted = [desired({ reuseKey: true })]
      await issuedAndDue(scene)
    },
    issued: 2,
  },
  askedFor,
  {
    name: 'a revocation that is asked for',
    async prepare(scene) {
      await worker(scene).run(isInstalled(scene))
      await ask(scene, { do: 'revoke', revocationReason: 1 })
    },
    issued: 2,
    settled: noRequest,
    revoked: 1,
  },
]

for (const about of scenes) killedAnywhere(t, about)

t.test('killed again and again', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 24 }), { minLength: 2, maxLength: 5 }), async (kills) => {
      const { scene, killed } = await runKilled(askedFor, kills)
      await check(t, scene, askedFor, killed.join(', then '))
    }),
    { numRuns: 40 },
  )
})
