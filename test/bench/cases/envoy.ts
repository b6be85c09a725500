import t from 'tap'
import { connect } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'
import { until } from '../fixtures/until.ts'
import { answerText, startEnvoy } from '../peers/envoy.ts'

interface Seen {
  readonly serial: string
  readonly status: string
}

/** One request on a connection of its own, verified against the CA's root; rejects on anything but an answer. */
function request(port: number, ca: string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'book.example.com', ca, timeout: 20_000 })
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('timeout', () => socket.destroy(new Error('no answer within 20 s')))
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(answer)}`)))
    socket.once('secureConnect', () => {
      const serial = socket.getPeerCertificate().serialNumber.toLowerCase()
      socket.write('GET / HTTP/1.1\r\nHost: book.example.com\r\n\r\n')
      socket.on('data', (chunk: string) => {
        answer += chunk
        if (!answer.endsWith(answerText)) return
        resolve({ serial, status: answer.split('\r\n')[0] ?? '' })
        socket.destroy()
      })
    })
  })
}

t.test(
  'Envoy serves what port80 writes, and a renewal changes the serial with no failed request',
  async (t) => {
    const scene = await setScene(t, {
      pebble: { validationSleep: 0 },
      certificates: [{ name: 'book', domains: ['book.example.com'] }],
    })
    const { pebble, port80 } = scene
    await port80.start()
    await port80.waitForCertificate('book')
    const first = await expectIssued(t, scene, 'book', ['book.example.com'])
    const envoy = await startEnvoy(scene.directory, { ...port80.envoy('book') })
    t.teardown(() => envoy.stop())
    const ca = await pebble.root()

    const seen: Seen[] = []
    const failed: unknown[] = []
    let going = true
    const stream = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (going) {
          await request(envoy.tlsPort, ca).then(
            (one) => seen.push(one),
            (error: unknown) => failed.push(error),
          )
          await sleep(5)
        }
      }),
    )
    const serials = () => new Set(seen.slice(-8).map((one) => one.serial))
    const renewed: string[] = []
    for (const round of [1, 2, 3]) {
      const old = port80.installed('book')?.serial
      t.equal((await port80.command('renew', 'book')).code, 0)
      await port80.waitFor('book', (one) => one.current?.serial.toLowerCase() !== old, 'renewed')
      await port80.waitForCertificate('book')
      const serial = port80.installed('book')?.serial ?? 'none'
      const same = (set: Set<string>) => set.size === 1 && set.has(serial)
      await until(serials, same, { what: `renewal ${round}: a TLS client sees the new serial`, ms: 30_000 })
      renewed.push(serial)
    }
    going = false
    await stream
    t.same(failed, [], 'no request failed')
    t.ok(seen.length > 100, `the stream was steady (${seen.length} requests)`)
    t.ok(seen.every((one) => one.status === 'HTTP/1.1 200 OK'))
    const known = new Set([first.serial, ...renewed])
    t.ok(
      seen.every((one) => known.has(one.serial)),
      'every request saw one of the issued certificates',
    )
    t.equal(await envoy.stat('listener_manager.listener_create_failure'), 0)
  },
)
