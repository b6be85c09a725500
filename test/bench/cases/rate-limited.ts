import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'
import { until } from '../fixtures/until.ts'

const problem = {
  type: 'urn:ietf:params:acme:error:rateLimited',
  detail: 'too many new orders (300) from this account in the last 3h0m0s',
}

const rows = [
  { form: 'seconds', retryAfter: () => '7' },
  { form: 'a date', retryAfter: () => new Date(Date.now() + 7_900).toUTCString() },
]

for (const { form, retryAfter } of rows) {
  t.test(
    `429 with ${form} holds everything that the limit covers, through a crash and against "issue"`,
    async (t) => {
      const names = ['one', 'two', 'three']
      const scene = await setScene(t, {
        pebble: { validationSleep: 0, nonceReject: 0 },
        config: { worker: { tick: '1s', parallelOrders: 1 } },
        certificates: names.map((name) => ({ name, domains: [`${name}.example.com`] })),
      })
      const { port80, proxy } = scene
      proxy.fault('newOrder', { kind: 'answer', status: 429, retryAfter, problem })
      await port80.start()
      const status = await until(
        () => port80.status(),
        ({ holds, certificates }) => holds.length > 0 && certificates.some((one) => one.failures > 0),
        { what: 'a hold, and the attempt that met it' },
      )
      const limited =
        status.certificates.find((one) => one.failures > 0) ?? raise('no certificate has failed')
      t.equal(limited.attempts[0]?.failure?.reason, 'AcmeRateLimited')
      const hold = status.holds[0] ?? raise('no hold')
      const refused = proxy.exchanges.find((one) => one.fault === 'answer') ?? raise('no refusal')
      const length = hold.until - refused.at
      t.ok(length > 5_500 && length < 20_000, `held for what the CA said (${length} ms)`)

      await port80.kill()
      await port80.start()
      await port80.command('issue', limited.name)
      for (const name of names) await port80.waitForCertificate(name)
      for (const name of names) await expectIssued(t, scene, name, [`${name}.example.com`])
      const orders = proxy.exchanges.filter((one) => one.action === 'newOrder')
      t.equal(orders.length, names.length + 1, 'one refused order and one for each certificate')
      t.ok(
        (orders[1] ?? raise('no second order')).at >= hold.until,
        'none before the moment that the CA named',
      )
    },
  )
}

function raise(message: string): never {
  throw new Error(message)
}
