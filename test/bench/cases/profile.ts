import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'

const day = 86_400_000

t.test(
  'each certificate gets the profile that is configured, and an unknown one stops its certificate alone',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { profiles: { classic: 90 * 86_400, shortlived: 6 * 86_400 }, validationSleep: 0 },
      issuer: { profile: 'classic' },
      certificates: [
        { name: 'long', domains: ['long.example.com'] },
        { name: 'short', domains: ['short.example.com'], profile: 'shortlived' },
        { name: 'odd', domains: ['odd.example.com'], profile: 'no-such-profile' },
      ],
    })
    const { port80, proxy } = scene
    await port80.start()
    for (const [name, days] of [
      ['long', 90],
      ['short', 6],
    ] as const) {
      const { current } = await port80.waitForCertificate(name)
      await expectIssued(t, scene, name, [`${name}.example.com`])
      t.equal(Math.round(((current?.notAfter ?? 0) - (current?.notBefore ?? 0)) / day), days)
    }
    const odd = await port80.waitFor('odd', (one) => one.failures > 0, 'refused')
    t.equal(odd.attempts[0]?.failure?.reason, 'AcmeInvalidProfile')
    t.equal(odd.nextAt, undefined, 'asking again would change nothing')
    t.equal(odd.state, 'placeholder')
    t.equal(proxy.accepted('newOrder'), 2, 'it was never ordered')
  },
)
