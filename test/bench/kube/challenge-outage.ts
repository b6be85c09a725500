/** What a responder answers while the API server is away, hangs, or is asked for by strangers through it. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Challenge } from '../../../src/challenge/store.ts'
import { kubeChallengeStore, type KubeChallengeStore } from '../../../src/kube/challenge-store.ts'
import { challengeOf } from '../../challenge/fixtures/store-contract.ts'
import { until } from '../fixtures/until.ts'
import { requestsSoFar } from './fixtures/api-load.ts'
import { startCluster } from './fixtures/cluster.ts'
import { startCut } from './fixtures/cut.ts'
import { readChallenges, writeChallenges } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const hour = 3_600_000
const challengeNow = (token: string, ms = hour) => challengeOf(token, { expiresAt: Date.now() + ms })

/** `quietMs` as for every watch, or short where a silence is waited for. */
async function scene(t: Test, { through, quietMs }: { through?: number; quietMs?: number } = {}) {
  const namespace = await cluster.namespace()
  const faults: string[] = []
  const onForeign = ({ path, fault }: { path: string; fault: string }) => void faults.push(`${path} ${fault}`)
  const made = async (
    rights: typeof readChallenges,
    readOnly: boolean,
    port?: number,
  ): Promise<KubeChallengeStore> => {
    const { client } = await cluster.account(namespace, { [namespace]: [rights] }, port)
    return kubeChallengeStore({ client, namespace, onForeign, readOnly })
  }
  const worker = await made(writeChallenges, false)
  const responder = await made(readChallenges, true, through)
  const watch = responder.follow(quietMs === undefined ? {} : { quietMs })
  t.teardown(() => watch.stop())
  t.equal(await watch.synced(), true)
  await until(() => watch.state().open, Boolean, { what: 'the watch is open' })
  return { namespace, faults, worker, responder, watch }
}

t.test('a token that was presented is in memory without being asked for, and leaves it', async (t) => {
  const { worker, responder, watch } = await scene(t)
  const before = (await requestsSoFar(cluster, 'configmaps')).get('GET') ?? 0
  const began = performance.now()
  await worker.present(challengeNow('pushed'))
  await until(() => performance.now() - watch.state().ageMs > began, Boolean, { what: 'the watch has told' })
  t.match(await responder.find('pushed'), { token: 'pushed' })
  t.equal((await requestsSoFar(cluster, 'configmaps')).get('GET') ?? 0, before, 'no read at all')
  await worker.cleanUp('pushed')
  await until(
    () => responder.find('pushed'),
    (found) => found === undefined,
    { what: 'gone' },
  )
})

t.test(
  'the API server is stopped: what is known is answered, what is not is a failure, not a miss',
  async (t) => {
    const { worker, responder, watch } = await scene(t)
    await worker.present(challengeNow('known'))
    const expiresAt = Date.now() + 8_000
    await worker.present(challengeOf('short', { expiresAt }))
    await until(() => responder.find('short'), Boolean, { what: 'both are known' })
    await cluster.stop()
    await until(() => !watch.state().open, Boolean, { what: 'the watch is gone' })
    t.match(await responder.find('known'), { token: 'known' })
    await t.rejects(async () => responder.find('unknown'), {
      message: /^StoreFailed: get configmaps .*no connection to the API server/,
    })
    await t.rejects(worker.present(challengeNow('new')), { message: /^StoreFailed/ })
    await pause(expiresAt + 10 - Date.now())
    t.match(await responder.find('known'), { token: 'known' }, 'still')
    await t.rejects(
      async () => responder.find('short'),
      { message: /^StoreFailed/ },
      'an expired one is not answered',
    )
    await cluster.start()
    await worker.present(challengeNow('after'))
    t.match(await responder.find('after'), { token: 'after' })
    await until(() => watch.state().open, Boolean, { what: 'the watch is back' })
  },
)

t.test('the API server hangs: what is known is answered at once, what is not fails in time', async (t) => {
  const cut = await startCut(t, cluster.api().port)
  const { worker, responder, watch } = await scene(t, { through: cut.port, quietMs: 2_000 })
  await worker.present(challengeNow('known'))
  await until(() => responder.find('known'), Boolean, { what: 'it is known' })
  cut.freeze()
  for (let turn = 0; turn < 3; turn++) {
    t.match(await responder.find('known'), { token: 'known' })
    await t.rejects(async () => responder.find(`unknown-${turn}`), {
      message: /no answer from the API server in time/,
    })
  }
  await worker.present(challengeNow('meanwhile'))
  await until(() => !watch.state().open, Boolean, { what: 'the silence is noticed' })
  cut.thaw()
  await until(() => watch.state().open, Boolean, { what: 'the watch is back' })
  t.match(await responder.find('meanwhile'), { token: 'meanwhile' })
})

t.test(
  'a flood of unknown tokens costs the API server a fixed amount, and hides none from the CA',
  async (t) => {
    const { worker, responder } = await scene(t)
    const before = await requestsSoFar(cluster, 'configmaps')
    const began = Date.now()
    let asked = 0
    /** No answer of a busy API server within its two seconds is no miss: the CA is told to come again. */
    const answered = async (token: string): Promise<Challenge | undefined> => {
      try {
        return await responder.find(token)
      } catch (error) {
        if (!String(error).includes('no answer from the API server in time')) throw error
        return answered(token)
      }
    }
    const strangers = Array.from({ length: 100 }, async () => {
      while (Date.now() - began < 3_000) {
        asked += 1
        // Half of them ask for the same token again and again.
        const token = asked % 2 ? 'same' : randomBytes(16).toString('base64url')
        t.equal(await answered(token), undefined)
      }
    })
    await pause(1_000)
    await worker.present(challengeNow('in-the-flood'))
    t.match(await answered('in-the-flood'), { token: 'in-the-flood' })
    await Promise.all(strangers)
    const seconds = Math.ceil((Date.now() - began) / 1_000)
    const after = await requestsSoFar(cluster, 'configmaps')
    const gets = (after.get('GET') ?? 0) - (before.get('GET') ?? 0)
    const lists = (after.get('LIST') ?? 0) - (before.get('LIST') ?? 0)
    t.comment(`${asked} questions in ${seconds} s: ${gets} reads, ${lists} lists`)
    t.ok(gets <= 50 * (seconds + 1), `${gets} reads`)
    t.ok(lists <= 4 * (seconds + 1) + 2, `${lists} lists`)
  },
)

t.test('what expired long ago is swept by the worker, and only by it', async (t) => {
  const { namespace, worker, responder } = await scene(t)
  await worker.present(challengeNow('left-over', -11 * 60_000))
  await worker.present(challengeNow('just-expired', -60_000))
  await worker.present(challengeNow('good'))
  const there = async () =>
    (
      await cluster.must<{ items: { data: { token: string } }[] }>(
        'GET',
        `/api/v1/namespaces/${namespace}/configmaps`,
      )
    ).items
      .map(({ data }) => data.token)
      .sort()
  t.strictSame(
    (await responder.list()).map(({ token }) => token),
    ['good'],
  )
  t.strictSame(await there(), ['good', 'just-expired', 'left-over'])
  t.strictSame(
    (await worker.list()).map(({ token }) => token),
    ['good'],
  )
  t.strictSame(await there(), ['good', 'just-expired'])
})

t.test('an object with our labels that is no challenge is stepped over, and told once', async (t) => {
  const { namespace, faults, worker, responder } = await scene(t)
  const labels = { 'app.kubernetes.io/managed-by': 'port80', 'port80.io/kind': 'challenge' }
  const body = { metadata: { name: 'stray', labels }, data: { token: 'stray', keyAuthorization: '<script>' } }
  await cluster.must('POST', `/api/v1/namespaces/${namespace}/configmaps`, body)
  await worker.present(challengeNow('good'))
  await until(() => responder.find('good'), Boolean, { what: 'the good one is answered' })
  for (let turn = 0; turn < 3; turn++)
    t.strictSame(
      (await responder.list()).map(({ token }) => token),
      ['good'],
    )
  t.equal(await responder.find('stray'), undefined)
  t.equal(faults.length, 1)
  t.match(faults[0], new RegExp(`^ConfigMap ${namespace}/stray is not a challenge of this version`))
})

t.test('a responder cannot present, and says which right it lacks', async (t) => {
  const { namespace, responder } = await scene(t)
  await t.rejects(responder.present(challengeNow('mine')), {
    message: new RegExp(
      `^StoreFailed: patch configmaps \\S+ in namespace ${namespace}: .* may not patch configmaps`,
    ),
  })
  await t.rejects(responder.cleanUp('mine'), { message: /may not delete configmaps/ })
})
