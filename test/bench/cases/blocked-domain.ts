import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

t.test(
  'a domain that the CA refuses stops its certificate until the configuration changes, and no other',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { blockedDomains: ['blocked.example'], validationSleep: 0 },
      certificates: [
        { name: 'bad', domains: ['bad.example.com', 'www.blocked.example'] },
        { name: 'good', domains: ['good.example.com'] },
      ],
    })
    const { port80, proxy } = scene
    await port80.start()
    await port80.waitForCertificate('good')
    await expectIssued(t, scene, 'good', ['good.example.com'])

    const bad = await port80.waitFor('bad', (one) => one.failures > 0, 'refused')
    t.equal(bad.attempts[0]?.failure?.reason, 'AcmeRejectedIdentifier')
    t.match(bad.attempts[0]?.failure?.detail, /blocked\.example/, "the CA's own words")
    t.equal(bad.nextAt, undefined, 'nothing is scheduled')
    await sleep(3_000)
    t.equal((await port80.certificate('bad')).attempts.length, 1, 'three ticks later it was not asked again')

    port80.configure({
      certificates: [
        { name: 'bad', domains: ['bad.example.com'], issuer: 'pebble' },
        { name: 'good', domains: ['good.example.com'], issuer: 'pebble' },
      ],
    })
    await port80.waitForCertificate('bad')
    await expectIssued(t, scene, 'bad', ['bad.example.com'])
    t.equal(proxy.accepted('newOrder'), 2)
  },
)
