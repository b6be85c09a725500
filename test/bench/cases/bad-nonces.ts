import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

t.test('half of all good nonces are refused, and everything is issued by its first order', async (t) => {
  const names = ['one', 'two', 'three', 'four']
  const scene = await setScene(t, {
    pebble: { nonceReject: 50, validationSleep: 2 },
    certificates: names.map((name) => ({
      name,
      domains: [`${name}.example.com`, `www.${name}.example.com`],
    })),
  })
  await scene.port80.start()
  for (const name of names) {
    const { failures, attempts } = await scene.port80.waitForCertificate(name)
    await expectIssued(t, scene, name, [`${name}.example.com`, `www.${name}.example.com`])
    t.equal(failures, 0)
    t.equal(attempts.length, 1, 'no attempt was spent on it')
  }
  t.equal(scene.proxy.accepted('newOrder'), names.length)
  const refused = scene.proxy.exchanges.filter((one) => one.method === 'POST' && one.status === 400)
  t.ok(refused.length > 5, 'nonces were refused indeed')
})
