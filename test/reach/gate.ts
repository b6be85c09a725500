import t from 'tap'
import type { PreflightPolicy } from '../../src/config/reach-schema.ts'
import { Port80Failure } from '../../src/reason.ts'
import { preflight } from '../../src/reach/gate.ts'
import { ways, type Ways } from './fixtures/pretend-looker.ts'

const host = 'book.example.com'
const book = { name: 'book', domains: [host] }
const { signal } = new AbortController()

/** Resolves when what nobody waits for has ended, too. */
async function ask(scene: Ways, policy: PreflightPolicy, between: () => void = () => undefined) {
  const later: Promise<void>[] = []
  const bugs: unknown[] = []
  const shell = {
    ...scene.shell,
    policyOf: () => policy,
    failed: (error: unknown) => void bugs.push(error),
    later: (act: Promise<void>) => void later.push(act),
    async pause() {
      between()
    },
  }
  const answer = await preflight(book, 'main', shell, signal).then(
    () => 'goes on',
    (error: unknown) => error,
  )
  const beside = later.length
  await Promise.all(later)
  return { answer, beside, bugs: bugs.length }
}

t.test('a way that is well is looked at once', async (t) => {
  const scene = ways()
  t.match(await ask(scene, 'require'), { answer: 'goes on', beside: 0 })
  t.strictSame(scene.looked, [host])
  t.match(scene.told, { findings: [], legs: [{ host, ok: true }] })
})

t.test('require: two bad looks refuse, and the finding lasts', async (t) => {
  const scene = ways()
  scene.broken.set(host, 'P80-303')
  const { answer } = await ask(scene, 'require')
  t.match((answer as Port80Failure).failure, {
    reason: 'PreflightFailed',
    identifier: host,
    detail: /^P80-303 Gateway istio-system\/public: .*kubectl/,
  })
  t.strictSame(scene.looked, [host, host])
  t.match(scene.told.findings, [{ code: 'P80-303', host, from: 'preflight', since: scene.time }])
  const warned = scene.lines.filter(({ level }) => level === 'warn')
  t.match(warned, [{ host, code: 'P80-303', msg: 'the CA cannot reach this host' }])
})

t.test('require: one lost packet refuses nothing', async (t) => {
  const scene = ways()
  scene.broken.set(host, 'P80-307')
  t.match(await ask(scene, 'require', () => scene.broken.clear()), { answer: 'goes on' })
  t.strictSame(scene.told.findings, [])
})

t.test('require: what cannot be judged from here refuses nothing, and is shown', async (t) => {
  const scene = ways()
  scene.broken.set(host, 'P80-312')
  t.match(await ask(scene, 'require'), { answer: 'goes on' })
  t.match(scene.told.findings, [{ code: 'P80-312' }])
})

t.test('warn: the order does not wait, and the finding is shown', async (t) => {
  const scene = ways()
  scene.broken.set(host, 'P80-303')
  t.match(await ask(scene, 'warn'), { answer: 'goes on', beside: 1 })
  t.match(scene.told.findings, [{ code: 'P80-303', from: 'preflight' }])
})

t.test('off: nobody looks', async (t) => {
  const scene = ways()
  scene.broken.set(host, 'P80-303')
  t.match(await ask(scene, 'off'), { answer: 'goes on', beside: 0 })
  t.strictSame(scene.looked, [])
})

t.test('nobody can look: that is no finding', async (t) => {
  const scene = ways()
  scene.before = () => {
    throw new Port80Failure({ reason: 'StoreFailed', detail: 'the API server is away' })
  }
  t.match(await ask(scene, 'require'), { answer: 'goes on' })
  t.match(scene.lines, [{ certificate: 'book', detail: 'the API server is away' }])
})

t.test('a bug of ours does not pass for a good way', async (t) => {
  const scene = ways()
  scene.before = () => {
    throw new TypeError('of ours')
  }
  t.type((await ask(scene, 'require')).answer, TypeError)
  t.match(await ask(scene, 'warn'), { answer: 'goes on', bugs: 1 })
})
