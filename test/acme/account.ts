import t from 'tap'
import { ensureAccount, forgetAccountUrl, rollOverAccount } from '../../src/acme/account.ts'
import { parkedKey } from '../../src/acme/account-record.ts'
import type { ResolvedIssuer } from '../../src/acme/issuer.ts'
import { newPrivateKey } from '../../src/acme/key.ts'
import { Port80Failure } from '../../src/reason.ts'
import type { AccountRecord } from '../../src/state/records.ts'
import { world } from './fixtures/account-world.ts'
import { failureOf, now, signal } from './fixtures/bench.ts'
import { startFakeAcme } from './fixtures/fake-acme.ts'

t.test(
  'the first time: the key is durable before the CA hears of it, then the account is registered',
  async (t) => {
    const { fake, shell, stored } = await world(t)
    let before: AccountRecord | undefined
    fake.fault = ({ path }) => {
      if (path === '/new-account') void stored().then((record) => (before = record))
      return false
    }
    const { client, accountUrl } = await ensureAccount(shell(), signal)
    const after = await stored()
    t.match(before, { keyPem: after?.keyPem, url: undefined })
    t.match(after, { url: accountUrl, email: 'ops@example.com', directory: fake.directoryUrl })
    t.match([...fake.accounts.values()], [{ url: accountUrl, contact: ['mailto:ops@example.com'] }])
    t.equal(fake.count('/new-account'), 1, 'a key that was just made is not searched for')
    t.equal(client.accountUrl(), accountUrl)
  },
)

t.test('it is counted before it is registered, and without room the CA is not asked', async (t) => {
  const { fake, shell } = await world(t)
  const detail = 'newAccounts: of 10 in 3h none is left for it'
  const full = async () => {
    throw new Port80Failure({ reason: 'BudgetSpent', detail, retryAt: now + 1 })
  }
  const failure = await failureOf(ensureAccount({ ...shell(), countAccount: full }, signal))
  t.match(failure, { reason: 'BudgetSpent', detail })
  t.equal(fake.count('/new-account'), 0)
  let counted = 0
  const count = async () => {
    t.equal(fake.count('/new-account'), 1, 'the key was searched for, no more')
    counted += 1
  }
  await ensureAccount({ ...shell(), countAccount: count }, signal)
  await ensureAccount({ ...shell(), countAccount: count }, signal)
  t.equal(counted, 1, 'one that exists is not counted again')
})

t.test('the second time nothing is asked', async (t) => {
  const { fake, shell } = await world(t)
  const first = await ensureAccount(shell(), signal)
  const asked = fake.seen.length
  t.equal((await ensureAccount(shell(), signal)).accountUrl, first.accountUrl)
  t.equal(fake.seen.length, asked)
})

t.test(
  'a crash after the registration: the account is found by its key, and its contact sent again',
  async (t) => {
    const { fake, shell, stored, store } = await world(t)
    const { accountUrl } = await ensureAccount(shell(), signal)
    const { url: _url, email: _email, ...cut } = (await stored()) ?? {}
    await store(cut)
    t.equal((await ensureAccount(shell(), signal)).accountUrl, accountUrl)
    t.equal(fake.accounts.size, 1)
    t.match(await stored(), { url: accountUrl, email: 'ops@example.com' })
  },
)

t.test('a crash before the registration: searched for, then registered with the same key', async (t) => {
  const { fake, shell, stored, store } = await world(t)
  const keyPem = await newPrivateKey('ecdsa-p256')
  await store({ keyPem })
  const { accountUrl } = await ensureAccount(shell(), signal)
  t.strictSame(
    fake.seen.filter(({ path }) => path === '/new-account').map(({ payload }) => payload),
    [{ onlyReturnExisting: true }, { termsOfServiceAgreed: true, contact: ['mailto:ops@example.com'] }],
  )
  t.match(await stored(), { keyPem, url: accountUrl })
})

t.test('a CA that was reset: found missing, registered again with the same key', async (t) => {
  const { fake, shell, stored, state } = await world(t)
  await ensureAccount(shell(), signal)
  const keyPem = (await stored())?.keyPem
  fake.accounts.clear()
  const { client } = await ensureAccount(shell(), signal)
  t.match(await failureOf(client.newOrder({ identifiers: ['a.example.com'] }, signal)), {
    reason: 'AcmeAccountDoesNotExist',
  })
  await forgetAccountUrl(shell().issuer, state, () => now)
  const { accountUrl } = await ensureAccount(shell(), signal)
  t.strictSame([...fake.accounts.keys()], [accountUrl])
  t.match(await stored(), { keyPem, url: accountUrl })
})

t.test('a changed contact is sent once, a removed one too', async (t) => {
  const { fake, shell, stored } = await world(t)
  const { accountUrl } = await ensureAccount(shell(), signal)
  for (const email of ['new@example.com', undefined]) {
    const changed = email === undefined ? { ...shell().issuer, email } : { email }
    const settings = changed as Partial<ResolvedIssuer>
    await ensureAccount(shell(settings), signal)
    const contact = email === undefined ? [] : [`mailto:${email}`]
    t.strictSame(fake.accounts.get(accountUrl)?.contact, contact)
    t.equal((await stored())?.email, email)
    const asked = fake.seen.length
    await ensureAccount(shell(settings), signal)
    t.equal(fake.seen.length, asked)
  }
})

t.test('two at once register one account', async (t) => {
  const { fake, shell } = await world(t)
  const sessions = await Promise.all([1, 2, 3].map(() => ensureAccount(shell(), signal)))
  t.equal(new Set(sessions.map(({ accountUrl }) => accountUrl)).size, 1)
  t.equal(fake.accounts.size, 1)
})

t.test('another directory has another account, and the first comes back with its directory', async (t) => {
  const { fake, shell, stored } = await world(t)
  const other = await startFakeAcme()
  t.teardown(() => other.close())
  const first = await ensureAccount(shell(), signal)
  const kept = await stored()
  await ensureAccount(shell({ directory: other.directoryUrl }), signal)
  const second = await stored()
  t.not(second?.keyPem, kept?.keyPem, 'a key is never shown to a second CA')
  t.strictSame(await stored(parkedKey('ca', fake.directoryUrl)), kept)
  const asked = fake.seen.length
  t.equal((await ensureAccount(shell(), signal)).accountUrl, first.accountUrl)
  t.equal(fake.seen.length, asked)
  t.strictSame(await stored(), kept)
  t.strictSame(await stored(parkedKey('ca', other.directoryUrl)), second)
  t.equal(await stored(parkedKey('ca', fake.directoryUrl)), undefined)
})

t.test('a key that the CA refused gives way to one of the type that is configured now', async (t) => {
  const { fake, shell, stored } = await world(t)
  fake.fault = ({ header }, response) => {
    if (header?.alg !== 'ES384') return false
    const document = { type: 'urn:ietf:params:acme:error:badPublicKey', detail: 'key type not allowed' }
    response.writeHead(400, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(document))
    return true
  }
  const refused = shell({ accountKeyType: 'ecdsa-p384' })
  t.match(await failureOf(ensureAccount(refused, signal)), { reason: 'AcmeBadPublicKey' })
  const before = await stored()
  t.match(await failureOf(ensureAccount(refused, signal)), { reason: 'AcmeBadPublicKey' })
  t.strictSame(await stored(), before, 'the same configuration keeps the key')
  const { accountUrl } = await ensureAccount(shell(), signal)
  t.not((await stored())?.keyPem, before?.keyPem)
  await ensureAccount(refused, signal)
  t.equal((await stored())?.url, accountUrl, 'and a key that has an account stays, whatever is configured')
})

t.test('a torn record is reported and left alone', async (t) => {
  const { fake, shell, state } = await world(t)
  await state.write('account/ca', '{"v": 1, "keyP', undefined)
  t.match(await failureOf(ensureAccount(shell(), signal)), {
    reason: 'StoreFailed',
    detail: /^account\/ca is not JSON .*restore it from a backup/,
  })
  t.equal((await state.read('account/ca'))?.text, '{"v": 1, "keyP')
  t.equal(fake.seen.length, 0)
})

t.test('roll-over', async (t) => {
  t.test('puts a key of the configured type in force', async (t) => {
    const { fake, shell, stored } = await world(t)
    const { accountUrl } = await ensureAccount(shell(), signal)
    const before = await stored()
    await rollOverAccount(shell({ accountKeyType: 'ecdsa-p384' }), signal)
    const after = await stored()
    t.not(after?.keyPem, before?.keyPem)
    t.match(after, { url: accountUrl, nextKeyPem: undefined })
    const { client } = await ensureAccount(shell(), signal)
    t.strictSame(await client.findAccount(signal), { url: accountUrl })
    t.equal(client.thumbprint(), fake.accounts.get(accountUrl)?.thumbprint)
  })

  for (const [name, arrives] of [
    ['cut off after the CA agreed: the new key is in force', true],
    ['cut off before the CA heard of it: the old key is in force, and the new one kept', false],
  ] as const) {
    t.test(name, async (t) => {
      const { fake, shell, stored } = await world(t)
      const { accountUrl } = await ensureAccount(shell(), signal)
      const before = await stored()
      const stop = new AbortController()
      fake.fault = ({ path }) => {
        if (path === '/key-change') stop.abort()
        return path === '/key-change' && !arrives
      }
      t.match(await failureOf(rollOverAccount(shell(), stop.signal)), { reason: 'Aborted' })
      fake.fault = () => false
      const cut = await stored()
      t.match(cut, { keyPem: before?.keyPem, nextKeyPem: /BEGIN PRIVATE KEY/ })
      const { client } = await ensureAccount(shell(), signal)
      t.equal(client.thumbprint(), fake.accounts.get(accountUrl)?.thumbprint)
      t.equal((await stored())?.keyPem, arrives ? cut?.nextKeyPem : cut?.keyPem)
      t.equal((await stored())?.nextKeyPem, arrives ? undefined : cut?.nextKeyPem)
      await rollOverAccount(shell(), signal)
      const key = (await stored())?.keyPem
      t.equal(key === cut?.nextKeyPem, !arrives, 'what was planned is finished first')
    })
  }
})

t.test('a failure of the CA is passed on as it is', async (t) => {
  const { fake, shell } = await world(t)
  fake.fault = (_seen, response) => {
    response.writeHead(503).end()
    return true
  }
  await t.rejects(ensureAccount(shell(), signal), Port80Failure)
  fake.fault = () => false
  t.ok(await ensureAccount(shell(), signal), 'and the same key registers later')
})
