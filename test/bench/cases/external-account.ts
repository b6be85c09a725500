import t from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

const key = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'

t.test(
  'an account is bound to the external one; without or with the wrong key the certificate stops',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { externalAccounts: { 'kid-1': key }, validationSleep: 0 },
      certificates: [{ name: 'book', domains: ['book.example.com'] }],
    })
    const { port80, proxy } = scene
    const issuer = { directory: proxy.directoryUrl, caBundle: proxy.rootFile }
    const hmacKeyFile = join(scene.directory, 'hmac.key')
    await port80.start()

    const without = await port80.waitFor('book', (one) => one.failures > 0, 'refused')
    t.equal(without.attempts[0]?.failure?.reason, 'AcmeExternalAccountRequired')
    t.equal(without.nextAt, undefined, 'nothing is scheduled')

    writeFileSync(hmacKeyFile, `${'x'.repeat(64)}\n`)
    port80.configure({ issuers: { pebble: { ...issuer, externalAccount: { keyId: 'kid-1', hmacKeyFile } } } })
    const wrong = await port80.waitFor(
      'book',
      (one) => one.attempts.length > 1 && one.attempts[0]?.outcome === 'failed',
      'refused again',
    )
    t.match(wrong.attempts[0]?.failure?.reason, /^Acme/)
    t.equal(proxy.accepted('newAccount'), 0)

    const right = join(scene.directory, 'right.key')
    writeFileSync(right, `${key}\n`)
    port80.configure({
      issuers: { pebble: { ...issuer, externalAccount: { keyId: 'kid-1', hmacKeyFile: right } } },
    })
    await port80.waitForCertificate('book')
    await expectIssued(t, scene, 'book', ['book.example.com'])
    t.equal(proxy.accepted('newAccount'), 1)
    t.match(scene.pebble.log(), /Successful newAccount Binding with CA using kid "kid-1"/)
  },
)
