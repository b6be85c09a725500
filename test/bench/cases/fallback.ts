import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'
import { freePort } from '../peers/ports.ts'

t.test('after three failures of its issuer a certificate comes from the fallback', async (t) => {
  const scene = await setScene(t, { pebble: { validationSleep: 0 }, certificates: [] })
  const { port80, proxy } = scene
  port80.configure({
    issuers: {
      gone: { directory: `https://127.0.0.1:${await freePort()}/dir` },
      pebble: { directory: proxy.directoryUrl, caBundle: proxy.rootFile },
    },
    certificates: [
      { name: 'book', domains: ['book.example.com'], issuer: 'gone', fallbackIssuer: 'pebble' },
      { name: 'alone', domains: ['alone.example.com'], issuer: 'gone' },
    ],
  })
  await port80.start()
  await port80.waitFor('book', (one) => one.failures === 1, 'failed once')
  await port80.command('issue', 'book')
  await port80.waitFor('book', (one) => one.failures === 2, 'failed twice')
  t.equal(proxy.asked('newOrder'), 0, 'two failures are not three')
  await port80.command('issue', 'book')
  await port80.waitForCertificate('book')
  await expectIssued(t, scene, 'book', ['book.example.com'])
  const { attempts, current } = await port80.certificate('book')
  t.same(attempts.map((one) => `${one.issuer} ${one.failure?.reason ?? one.outcome}`).reverse(), [
    'gone CaUnreachable',
    'gone CaUnreachable',
    'gone CaUnreachable',
    'pebble issued',
  ])
  t.equal(current?.issuer, 'pebble')
  t.equal((await port80.certificate('alone')).state, 'placeholder', 'one without a fallback waits')
})
