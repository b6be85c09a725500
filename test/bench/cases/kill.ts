import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

t.test('killed while the CA validates, the next start goes on with the same order', async (t) => {
  const scene = await setScene(t, {
    pebble: { validationSleep: 3 },
    frontDoor: true,
    certificates: [{ name: 'book', domains: ['book.example.com', 'www.book.example.com'] }],
  })
  const { port80, proxy } = scene
  const killed = proxy.stopAt('challenge', 'delivered', () => port80.kill())
  await port80.start()
  await killed
  t.equal(port80.installed('book')?.issuedBy.includes('Pebble') ?? false, false)

  await port80.start()
  await port80.waitForCertificate('book')
  await expectIssued(t, scene, 'book', ['book.example.com', 'www.book.example.com'])
  t.equal(proxy.accepted('newOrder'), 1)
  t.equal(proxy.accepted('finalize'), 1)
})
