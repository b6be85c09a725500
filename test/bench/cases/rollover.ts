import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

t.test(
  'the key of the account is replaced at the CA, and the account goes on with the new one',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { validationSleep: 0 },
      certificates: [{ name: 'book', domains: ['book.example.com'] }],
    })
    const { port80, proxy } = scene
    await port80.start()
    await port80.waitForCertificate('book')
    const { serial } = await expectIssued(t, scene, 'book', ['book.example.com'])

    const rollover = await port80.command('rollover', 'pebble')
    t.equal(rollover.code, 0, rollover.stderr)
    t.equal(proxy.accepted('keyChange'), 1)
    const renew = await port80.command('renew', 'book')
    t.equal(renew.code, 0, renew.stderr)
    const renewed = await expectIssued(t, scene, 'book', ['book.example.com'])
    t.not(renewed.serial, serial, 'ordered with the new key')

    await port80.kill()
    await port80.start()
    t.equal((await port80.command('renew', 'book')).code, 0, 'the new key is the one that is stored')
    t.equal(proxy.exchanges.filter((one) => one.action === 'newAccount' && one.status === 201).length, 1)
  },
)
