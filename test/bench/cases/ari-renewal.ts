import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

const hour = 3_600_000

t.test(
  'a renewal window that the CA moves into the past renews at the next look, as a replacement',
  async (t) => {
    // A short life, because port80 then asks about every tenth of it, whatever Pebble's Retry-After of six hours says.
    const scene = await setScene(t, {
      pebble: { profiles: { default: 100 }, validationSleep: 0 },
      certificates: [{ name: 'book', domains: ['book.example.com'] }],
    })
    const { pebble, port80, proxy } = scene
    const leafPem = () => port80.installed('book')?.leaf.toString() ?? ''
    const firstLook = proxy.pauseAt('renewalInfo', async () => {
      // Asked as soon as it is stored, which may be before it has replaced the placeholder.
      await port80.waitForCertificate('book')
      await pebble.setRenewalWindow(leafPem(), new Date(Date.now() + hour), new Date(Date.now() + 2 * hour))
    })
    await port80.start()
    await port80.waitForCertificate('book')
    const first = await expectIssued(t, scene, 'book', ['book.example.com'])
    await firstLook
    await port80.waitFor('book', (one) => one.renewal?.source === 'ari', 'told of the window')
    await sleep(1_500)
    t.equal(proxy.accepted('newOrder'), 1, 'a window in the future renews nothing')

    await pebble.setRenewalWindow(leafPem(), new Date(Date.now() - 2 * hour), new Date(Date.now() - hour))
    await port80.waitFor(
      'book',
      (one) => one.current?.serial.toLowerCase() !== first.serial,
      'renewed',
      45_000,
    )
    t.ok(
      Date.now() < first.leaf.validFromDate.getTime() + 60_000,
      'before the lifetime would have asked for it',
    )
    const { attempts } = await port80.waitForCertificate('book')
    t.equal(attempts[0]?.why, 'RenewalWindow')
    await expectIssued(t, scene, 'book', ['book.example.com'])
    t.match(pebble.log(), /ARI: order ".+" is a replacement of/, 'the order named what it replaces')
    t.equal(proxy.accepted('newOrder'), 2)
  },
)
