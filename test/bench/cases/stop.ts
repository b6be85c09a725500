import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

t.test('stopped while the CA validates, the next start goes on with the same order', async (t) => {
  const scene = await setScene(t, {
    pebble: { validationSleep: 3 },
    frontDoor: true,
    certificates: [{ name: 'book', domains: ['book.example.com'] }],
  })
  const { port80, proxy } = scene
  const stopped = proxy.stopAt('challenge', 'delivered', () => port80.stop())
  await port80.start()
  await stopped

  await port80.start()
  await port80.waitForCertificate('book')
  await expectIssued(t, scene, 'book', ['book.example.com'])
  t.equal(proxy.accepted('newOrder'), 1)
  t.match(scene.pebble.log(), /set VALID/)
  t.notMatch(scene.pebble.log(), /set INVALID/, 'no authorization was spent on the stop')
})
