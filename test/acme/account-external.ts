/** Accounts bound to one that the operator has at the CA (RFC 8555 §7.3.4). */
import t from 'tap'
import { ensureAccount } from '../../src/acme/account.ts'
import { world } from './fixtures/account-world.ts'
import { failureOf, signal } from './fixtures/bench.ts'

t.test('external accounts', async (t) => {
  const hmacKey = Buffer.from('a secret of the CA').toString('base64url')
  const externalAccount = (extra: object) => ({ externalAccount: { keyId: 'kid-1', ...extra } })

  t.test('with the key in the configuration, or in a file', async (t) => {
    const folder = t.testdir({ key: `${hmacKey}\n` })
    for (const extra of [{ hmacKey }, { hmacKeyFile: `${folder}/key` }]) {
      const { shell, stored } = await world(t, { externalAccountKey: hmacKey })
      await ensureAccount(shell(externalAccount(extra)), signal)
      t.equal((await stored())?.externalAccountKeyId, 'kid-1')
    }
  })

  t.test('unreadable, without a word of what is in it', async (t) => {
    const folder = t.testdir({ key: 'not base64url: secret!' })
    for (const [extra, detail] of [
      [{ hmacKeyFile: `${folder}/gone` }, 'externalAccount.hmacKeyFile: ENOENT'],
      [{ hmacKeyFile: `${folder}/key` }, 'the HMAC key is not base64url'],
      [{ hmacKey: '' }, 'the HMAC key is not base64url'],
    ] as const) {
      const { fake, shell } = await world(t, { externalAccountKey: hmacKey })
      const failure = await failureOf(ensureAccount(shell(externalAccount(extra)), signal))
      t.match(failure, { reason: 'ExternalAccountUnreadable', detail })
      t.equal(fake.count('/new-account'), 0)
    }
  })

  t.test('not configured although the directory asks for one: said without asking further', async (t) => {
    const { fake, shell } = await world(t, { externalAccountKey: hmacKey })
    t.match(await failureOf(ensureAccount(shell(), signal)), { reason: 'AcmeExternalAccountRequired' })
    t.equal(fake.count('/new-account'), 0)
  })

  t.test('not read again for an account that exists', async (t) => {
    const { shell } = await world(t, { externalAccountKey: hmacKey })
    await ensureAccount(shell(externalAccount({ hmacKey })), signal)
    t.ok(await ensureAccount(shell(externalAccount({ hmacKeyFile: '/nowhere' })), signal))
  })
})
