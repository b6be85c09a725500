import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'
import { until } from '../fixtures/until.ts'

t.test(
  'a name that leads elsewhere fails its authorization, waits a minute, and delays nobody',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { validationSleep: 0 },
      config: { selfCheck: 'off' },
      certificates: [
        { name: 'lost', domains: ['ok.lost.example.com', 'lost.example.com'] },
        { name: 'good', domains: ['good.example.com'] },
      ],
    })
    const { pebble, port80, proxy } = scene
    // Nothing listens there: what a record that still points to the old machine looks like.
    await pebble.resolver.setAddress('lost.example.com', '127.0.0.2')
    await port80.start()
    await port80.waitForCertificate('good')

    const lost = await port80.waitFor('lost', (one) => one.failures > 0, 'failed')
    const failure = lost.attempts[0]?.failure
    t.equal(failure?.reason, 'AcmeConnection')
    t.equal(failure?.identifier, 'lost.example.com', 'the name at fault is said')
    const wait = (lost.nextAt ?? 0) - (lost.attempts[0]?.endedAt ?? 0)
    t.ok(wait >= 45_000 && wait <= 90_000, `the first wait is about a minute (${wait} ms)`)
    await until(
      () => port80.status(),
      ({ store }) => store.tokens === 0,
      { what: 'its tokens are gone' },
    )

    await pebble.resolver.setAddress('lost.example.com', '127.0.0.1')
    const issue = await port80.command('issue', 'lost')
    t.equal(issue.code, 0, issue.stderr)
    await port80.waitForCertificate('lost')
    await expectIssued(t, scene, 'lost', ['ok.lost.example.com', 'lost.example.com'])
    t.equal(proxy.accepted('newOrder'), 3, 'an invalid order is replaced, not asked for ever')
  },
)
