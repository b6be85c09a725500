/** The gateway with a folder that changes under it. */
import { writeFile } from 'node:fs/promises'
import https from 'node:https'
import path from 'node:path'
import t, { type Test } from 'tap'
import { Authority } from '../../demo/ca/authority.ts'
import { startGateway } from '../../demo/gateway.ts'
import { directoryDestination } from '../../src/destination/directory.ts'
import { makePair, type TestPair } from './fixtures/pair.ts'
import { tlsRequest } from './fixtures/tls-request.ts'
import { until } from './fixtures/until.ts'

const authority = await Authority.open(t.testdir(), 0, true)
const [ca = ''] = authority.rootPems

async function scene(t: Test) {
  const directory = path.join(t.testdir(), 'certificates')
  const faults: string[] = []
  const changes: string[] = []
  const gateway = await startGateway({
    directory,
    onFault: (name) => faults.push(name),
    onChange: (now, before) => changes.push(`${before?.serial ?? 'none'} ${now.serial}`),
  })
  t.teardown(() => gateway.stop())
  const get = (url: string, agent?: https.Agent) =>
    tlsRequest(url, { ca, port: gateway.port, ...(agent && { agent }) })
  return { directory, faults, changes, gateway, get }
}

/** The very writer that port80 has. */
const install = (directory: string, name: string, pair: TestPair) =>
  directoryDestination({ directory }).install(name, pair)

t.test('serves by server name what comes into the folder, also when that comes later', async (t) => {
  const { directory, gateway, get } = await scene(t)
  await t.rejects(get('https://book.localhost/'), 'no certificate, no handshake')
  await install(directory, 'book', await makePair(authority, ['book.localhost']))
  await install(directory, 'hello', await makePair(authority, ['hello.localhost', 'httpbin.localhost']))
  await until(
    () => gateway.certificates(),
    (all) => all.length === 2,
  )
  const product = await get('https://book.localhost/productpage?x=1')
  const teapot = await get('https://httpbin.localhost/status/418')
  t.match(product, { status: 200, body: /Comedy of Errors/, contentType: /^text\/html/ })
  t.match(teapot, { status: 418, body: /teapot/, contentType: /^text\/plain/ })
  t.match(await get('https://hello.localhost/hello'), { status: 200, serial: teapot.serial })
  t.match(await get('https://HELLO.localhost/hello'), { status: 200 })
  t.not(product.serial, teapot.serial)
  await t.rejects(get('https://other.localhost/'), 'no certificate for a name that nobody has')
})

t.test('fails no request while certificates change under a steady stream', async (t) => {
  const { directory, gateway, get, changes } = await scene(t)
  await install(directory, 'book', await makePair(authority, ['book.localhost']))
  await until(
    () => gateway.certificates(),
    (all) => all.length === 1,
  )
  const serials = new Set<string>()
  const kept = new https.Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => kept.destroy())
  const first = await get('https://book.localhost/', kept)
  let changing = true
  const stream = async () => {
    while (changing) {
      const { status, serial } = await get('https://book.localhost/productpage')
      if (status !== 200) t.fail(`status ${status}`)
      serials.add(serial)
    }
  }
  const streams = [stream(), stream()]
  for (let round = 0; round < 5; round += 1) {
    await install(directory, 'book', await makePair(authority, ['book.localhost']))
    await until(
      () => changes.length,
      (count) => count === round + 2,
    )
    const { serial } = await get('https://book.localhost/')
    t.ok(changes.at(-1)?.endsWith(serial), 'a new handshake gets the new one')
  }
  changing = false
  await t.resolves(Promise.all(streams))
  t.ok(serials.size >= 2, 'the stream saw changes')
  t.match(
    await get('https://book.localhost/', kept),
    { status: 200, serial: first.serial },
    'the open one stays',
  )
})

t.test('keeps what it has when a pair does not fit or is not there', async (t) => {
  const { directory, gateway, get, faults } = await scene(t)
  const good = await makePair(authority, ['book.localhost'])
  const other = await makePair(authority, ['book.localhost'])
  await install(directory, 'book', good)
  await until(
    () => gateway.certificates(),
    (all) => all.length === 1,
  )
  const { serial } = await get('https://book.localhost/')
  // As half a change by something less careful than port80.
  await writeFile(path.join(directory, 'book/..data/tls.crt'), other.chainPem)
  await until(
    () => faults.length,
    (count) => count > 0,
  )
  t.match(await get('https://book.localhost/'), { status: 200, serial })
  await install(directory, 'book', other)
  const healed = await until(
    () => get('https://book.localhost/'),
    (answer) => answer.serial !== serial,
  )
  t.not(healed.serial, serial)
})

t.test('says of a Host that is not its own that it is misdirected', async (t) => {
  const { directory, gateway } = await scene(t)
  await install(directory, 'book', await makePair(authority, ['book.localhost']))
  await until(
    () => gateway.certificates(),
    (all) => all.length === 1,
  )
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { Host: 'other.localhost' }
    const options = { host: '127.0.0.1', port: gateway.port, servername: 'book.localhost', ca, headers }
    https
      .get({ ...options, agent: false }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
  })
  t.equal(status, 421)
})

t.test('says when its port is taken', async (t) => {
  const { gateway } = await scene(t)
  await t.rejects(startGateway({ directory: t.testdirName, port: gateway.port }), { code: 'EADDRINUSE' })
})
