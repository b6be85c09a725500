import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

t.test('one name is ordered once and installed, by a Pebble as unkind as it is by default', async (t) => {
  const scene = await setScene(t, { certificates: [{ name: 'book', domains: ['book.example.com'] }] })
  await scene.port80.start()
  await scene.port80.waitForCertificate('book')
  const { leaf } = await expectIssued(t, scene, 'book', ['book.example.com'])
  t.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1', 'the default key type')
  t.equal(scene.proxy.accepted('newAccount'), 1)
  t.equal(scene.proxy.accepted('newOrder'), 1)

  await scene.port80.stop()
  await scene.port80.start()
  await scene.port80.waitForCertificate('book')
  t.equal(scene.proxy.accepted('newOrder'), 1, 'a second start orders nothing')
  t.equal(scene.proxy.accepted('newAccount'), 1, 'and registers nothing')
})
