import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

const keyCompromise = 1

t.test(
  'a revoked certificate is revoked at the CA with its reason, and another one takes its place',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { validationSleep: 0 },
      certificates: [{ name: 'book', domains: ['book.example.com'], reuseKey: true }],
    })
    const { pebble, port80 } = scene
    await port80.start()
    await port80.waitForCertificate('book')
    const first = await expectIssued(t, scene, 'book', ['book.example.com'])

    const command = await port80.command('revoke', 'book', '--reason', 'keyCompromise')
    t.equal(command.code, 0, command.stderr)
    await port80.waitFor(
      'book',
      (one) => one.current !== undefined && one.current.serial.toLowerCase() !== first.serial,
      'replaced',
    )
    await port80.waitForCertificate('book')
    t.same(await pebble.certificateStatus(first.serial), { status: 'Revoked', reason: keyCompromise })
    const second = await expectIssued(t, scene, 'book', ['book.example.com'])
    t.not(second.keyPem, first.keyPem, 'a compromised key is not used again, whatever reuseKey says')
  },
)
