import t from 'tap'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

t.test(
  'a front door that answers something else is a named failure, and the CA is not asked to look',
  async (t) => {
    const door = createServer((_, response) => void response.end('a parking page'))
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
    t.teardown(() => door.close())
    const { port } = door.address() as AddressInfo
    const scene = await setScene(t, {
      pebble: { validationSleep: 0 },
      config: {
        selfCheck: { url: `http://127.0.0.1:${port}/.well-known/acme-challenge/{token}`, timeout: '1s' },
      },
      certificates: [{ name: 'book', domains: ['book.example.com'] }],
    })
    const { port80, proxy } = scene
    await port80.start()
    const book = await port80.waitFor('book', (one) => one.failures > 0, 'failed')
    t.equal(book.attempts[0]?.failure?.reason, 'SelfCheckFailed')
    t.equal(proxy.asked('challenge'), 0, 'no authorization was spent')

    await port80.reconfigure({
      selfCheck: { url: `http://127.0.0.1:${port80.publicPort}/.well-known/acme-challenge/{token}` },
    })
    await port80.command('issue', 'book')
    await port80.waitForCertificate('book')
    await expectIssued(t, scene, 'book', ['book.example.com'])
    t.equal(proxy.accepted('newOrder'), 1, 'the order that was never tried is gone on with')
  },
)
