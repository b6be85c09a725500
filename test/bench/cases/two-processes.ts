import t from 'tap'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expectIssued } from '../fixtures/expect.ts'
import { preparePort80 } from '../fixtures/port80.ts'
import { setScene } from '../fixtures/scene.ts'
import { until } from '../fixtures/until.ts'
import { freePort } from '../peers/ports.ts'

t.test(
  'two processes on one folder: one orders, the other answers, and takes over when the first is killed',
  async (t) => {
    // The CA asks the second process only: it must answer the tokens that the first one presents.
    const secondPort = await freePort()
    const url = `http://127.0.0.1:${secondPort}/.well-known/acme-challenge/{token}`
    const certificates = [{ name: 'book', domains: ['book.example.com'], issuer: 'pebble' }]
    const scene = await setScene(t, {
      pebble: { validationSleep: 2, authorizationReuse: 0 },
      httpPort: secondPort,
      config: { selfCheck: { url } },
      certificates,
    })
    const { port80: first, proxy } = scene
    const folder = join(scene.directory, 'second')
    mkdirSync(folder)
    const second = await preparePort80(folder, secondPort, {
      issuers: { pebble: { directory: proxy.directoryUrl, caBundle: proxy.rootFile } },
      certificates,
      store: { directory: first.stateDirectory },
      destinations: [{ directory: first.certificatesDirectory }],
      selfCheck: { url },
    })
    t.teardown(() => second.stop())
    await first.start()
    await until(
      () => first.status(),
      ({ worker }) => worker.role === 'leader',
      { what: 'the first leads' },
    )
    await second.start()
    await until(
      () => second.status(),
      ({ worker }) => worker.role === 'standby',
      { what: 'the second stands by' },
    )

    await first.waitForCertificate('book')
    const { serial } = await expectIssued(t, scene, 'book', ['book.example.com'])
    t.equal(proxy.accepted('newOrder'), 1)

    const killed = proxy.stopAt('challenge', 'delivered', () => first.kill())
    await first.wish('book', 'renew')
    await killed
    await until(
      () => first.installed('book'),
      (now) => now?.serial !== serial,
      { what: 'renewed by the second' },
    )
    t.equal((await second.status()).worker.role, 'leader')
    t.equal(proxy.accepted('newOrder'), 2, 'the second went on with the order of the first')
    t.equal(proxy.exchanges.filter((one) => one.action === 'newAccount' && one.status === 201).length, 1)
  },
)
