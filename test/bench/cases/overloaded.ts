import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'
import type { CaAction } from '../peers/ca-action.ts'

const actions: readonly CaAction[] = ['directory', 'newNonce', 'newAccount', 'newOrder', 'finalize']

for (const action of actions) {
  t.test(
    `503 with Retry-After at ${action} is a wait as long as the CA says, and no second order`,
    async (t) => {
      const scene = await setScene(t, {
        pebble: { validationSleep: 0, nonceReject: 0 },
        certificates: [{ name: 'book', domains: ['book.example.com'] }],
      })
      const { port80, proxy } = scene
      proxy.fault(action, { kind: 'answer', status: 503, retryAfter: '3', body: 'busy' })
      await port80.start()
      const book = await port80.waitFor('book', (one) => one.failures > 0, 'refused')
      t.equal(book.attempts[0]?.failure?.reason, 'CaOverloaded')
      const refused = proxy.exchanges.find((one) => one.fault === 'answer')
      await port80.command('issue', 'book')
      await port80.waitForCertificate('book')
      await expectIssued(t, scene, 'book', ['book.example.com'])
      const next = proxy.exchanges.find(
        (one) => one.action === action && one.fault === undefined && one.at >= (refused?.at ?? 0),
      )
      t.ok((next?.at ?? 0) - (refused?.at ?? 0) >= 2_900, 'not asked again before')
      t.equal(proxy.accepted('newOrder'), 1)
      t.equal(proxy.accepted('newAccount'), 1)
    },
  )
}
