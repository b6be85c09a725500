import t from 'tap'
import { serialOf } from '../../src/certificate/certificate.ts'
import type { RequestRecord } from '../../src/state/records.ts'
import type { StateStore } from '../../src/state/store.ts'
import { day, desired, hour, minute } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

async function issued(): Promise<Bench> {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  scene.time += hour
  return scene
}

async function ask(scene: Bench, request: Partial<RequestRecord>, name = 'book'): Promise<void> {
  const key = `request/${name}` as const
  const text = JSON.stringify({ v: 1, at: scene.time, ...request })
  await scene.state.write(key, text, (await scene.state.read(key))?.version)
  scene.time += 1
}

function serialOfPair(pair: { chainPem: string } | undefined): { serial: string } {
  return { serial: serialOf(pair?.chainPem ?? '') ?? 'none' }
}

const gone = async (state: StateStore) => (await state.list('request')).length === 0
const messages = (scene: Bench) => scene.lines.map(({ msg }) => msg)

t.test('renew', async (t) => {
  const scene = await issued()
  await ask(scene, { do: 'renew' })
  await worker(scene).run(async () => (await gone(scene.state)) && (await isInstalled(scene)()))
  t.equal(scene.main.issued.length, 2)
  t.match(scene.ended.at(-1), { result: 'issued', reason: 'RenewalRequested' })
})

t.test('issue of what is not due is dropped', async (t) => {
  const scene = await issued()
  await ask(scene, { do: 'issue' })
  await worker(scene).run(() => gone(scene.state))
  t.equal(scene.main.issued.length, 1)
  t.match(scene.lines.at(-1), { msg: 'request dropped', because: /^nothing is due/ })
})

t.test('issue does not wait for our back-off, and is gone when it fails too', async (t) => {
  const scene = await bench()
  scene.main.before = ({ action }) => {
    if (action === 'newOrder') throw problem('CaUnreachable')
  }
  await worker(scene).run(() => scene.ended.length === 1)
  await ask(scene, { do: 'issue' })
  await worker(scene).run(aWhile(() => gone(scene.state)))
  t.equal(scene.ended.length, 2)
})

t.test('a request waits for the end of a limit of the CA', async (t) => {
  const scene = await issued()
  const until = scene.time + hour
  scene.main.before = ({ action }) => {
    if (action === 'newOrder' && scene.time < until) {
      throw problem('AcmeRateLimited', { retryAt: until, scope: { kind: 'issuer' } })
    }
  }
  scene.wanted = [...scene.wanted, desired({ name: 'other', domains: ['other.example.com'] })]
  await worker(scene).run(() => scene.ended.some(({ reason }) => reason === 'AcmeRateLimited'))
  await ask(scene, { do: 'renew' })
  await worker(scene).run(aWhile(() => true))
  t.equal(await gone(scene.state), false)
  scene.time = until + 10 * minute
  await worker(scene).run(async () => (await gone(scene.state)) && (await isInstalled(scene)()))
  t.match(await scene.record('book'), { attempts: [{ why: 'RenewalRequested', outcome: 'issued' }, {}] })
})

t.test('revoke', async (t) => {
  t.test('ends the certificate at the CA, then a new one comes, with a new key', async (t) => {
    const scene = await issued()
    scene.wanted = [desired({ reuseKey: true })]
    const [old] = (await scene.record('book')).pairs
    await ask(scene, { do: 'revoke', revocationReason: 1 })
    await worker(scene).run(
      async () => (await gone(scene.state)) && scene.main.issued.length === 2 && (await isInstalled(scene)()),
    )
    t.match(scene.main.revoked, [{ chainPem: old?.chainPem, reason: 1 }])
    const [pair, before] = (await scene.record('book')).pairs
    t.not(pair?.keyPem, old?.keyPem, 'although keys are to be kept: this one may be why')
    t.equal(before?.revokedAt !== undefined, true)
    t.equal(scene.main.replaced.at(-1), undefined)
  })
  t.test('of what is revoked at the CA already is noted here', async (t) => {
    const scene = await issued()
    const [pair] = (await scene.record('book')).pairs
    scene.main.revoked.push({ chainPem: pair?.chainPem ?? '', reason: 0 })
    await ask(scene, { do: 'revoke' })
    await worker(scene).run(async () => (await gone(scene.state)) && scene.main.issued.length === 2)
    t.equal(scene.main.revoked.length, 1)
  })
  t.test('that the CA refuses is told, and not asked again', async (t) => {
    const scene = await issued()
    scene.main.before = ({ action }) => {
      if (action === 'revoke') throw problem('AcmeBadRevocationReason')
    }
    await ask(scene, { do: 'revoke', revocationReason: 6 })
    await worker(scene).run(aWhile(() => gone(scene.state)))
    t.match(
      scene.lines.filter(({ msg }) => msg === 'revocation failed'),
      [{ reason: 'AcmeBadRevocationReason' }],
    )
    t.equal(scene.main.issued.length, 1)
    t.equal(await isInstalled(scene)(), true, 'the certificate stays')
  })
  t.test('that is asked for while an order runs ends what was in use then, not what comes', async (t) => {
    const scene = await issued()
    const [old] = (await scene.record('book')).pairs
    let asked = false
    scene.main.before = async ({ action }) => {
      if (action !== 'finalize' || asked) return
      asked = true
      await ask(scene, { do: 'revoke', ...serialOfPair(old) })
    }
    scene.time += 80 * day
    await worker(scene).run(aWhile(async () => asked && (await gone(scene.state))))
    t.same(scene.main.revoked, [{ chainPem: old?.chainPem, reason: 0 }])
    t.match((await scene.record('book')).pairs, [
      { revokedAt: undefined },
      { chainPem: old?.chainPem, revokedAt: Number },
    ])
    t.equal(scene.main.issued.length, 2, 'and nothing more is ordered: the new one has a key of its own')
  })
  t.test('of an older pair whose key is still in use: a new certificate, with a new key', async (t) => {
    const scene = await issued()
    scene.wanted = [desired({ reuseKey: true })]
    const [old] = (await scene.record('book')).pairs
    await ask(scene, { do: 'renew' })
    await worker(scene).run(async () => (await gone(scene.state)) && scene.main.issued.length === 2)
    await ask(scene, { do: 'revoke', revocationReason: 1, ...serialOfPair(old) })
    await worker(scene).run(aWhile(async () => (await gone(scene.state)) && scene.main.issued.length === 3))
    const [third, second] = (await scene.record('book')).pairs
    t.equal(second?.keyPem, old?.keyPem)
    t.not(third?.keyPem, old?.keyPem)
  })
  t.test('of what is no longer kept is dropped and told', async (t) => {
    const scene = await issued()
    await ask(scene, { do: 'revoke', serial: 'ABCD' })
    await worker(scene).run(aWhile(() => gone(scene.state)))
    t.equal(scene.main.revoked.length, 0)
    t.match(scene.lines.at(-1), { msg: 'request dropped', because: /serial ABCD is not among those/ })
  })
})

t.test('what nobody can carry out is dropped and told', async (t) => {
  const scene = await issued()
  await ask(scene, { do: 'renew' }, 'nobody')
  await scene.state.write('request/torn', '{"v":1,', undefined)
  await scene.state.write('request/newer', '{"v":2,"do":"renew","at":1}', undefined)
  await worker(scene).run(() => gone(scene.state))
  const dropped = scene.lines.filter(({ msg }) => msg === 'request dropped')
  t.same(dropped.map(({ certificate }) => certificate).toSorted(), ['newer', 'nobody', 'torn'])
  t.equal(scene.main.issued.length, 1)
})

t.test('a request for an account is no business of certificates', async (t) => {
  const scene = await issued()
  await ask(scene, { do: 'rollover' }, 'account.main')
  await worker(scene).run(aWhile(() => true))
  t.same(await scene.state.list('request'), ['request/account.main'])
  t.equal(messages(scene).includes('request dropped'), false)
})

t.test('a request that is replaced while it is carried out stays', async (t) => {
  const scene = await issued()
  const [old] = (await scene.record('book')).pairs
  await ask(scene, { do: 'renew' })
  let replaced = false
  scene.main.before = async ({ action }) => {
    if (action !== 'certificate' || replaced) return
    replaced = true
    await ask(scene, { do: 'revoke', ...serialOfPair(old) })
  }
  await worker(scene).run(async () => replaced && (await gone(scene.state)))
  t.equal(scene.main.revoked.length, 1)
})
