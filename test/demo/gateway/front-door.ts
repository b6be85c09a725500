/** The front door with each of its mistakes, and without. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { doorBreaks, startFrontDoor, type DoorBreak } from '../../../demo/gateway/front-door.ts'

const behind = http.createServer((request, response) => {
  request.resume()
  response.setHeader('x-behind', request.headers.host ?? '').end(request.url)
})
await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve))
t.teardown(() => behind.close())
const target = (behind.address() as AddressInfo).port

const wrong: Readonly<Record<DoorBreak, object>> = {
  redirect: { status: 301, headers: { location: 'https://book.localhost:8443/a?b=1' } },
  auth: { status: 401, headers: { 'www-authenticate': 'Basic realm="staff only"' } },
  route: { status: 404, headers: { server: 'demo-shop' } },
}

for (const mistake of doorBreaks) {
  t.test(`${mistake}: as long as it is there`, async (t) => {
    let broken = true
    const door = await startFrontDoor({ mistake, broken: () => broken, target, httpsPort: 8443 })
    t.teardown(() => door.stop())
    t.match(await ask(door.port), wrong[mistake])
    broken = false
    const right = { status: 200, headers: { 'x-behind': 'book.localhost' }, body: '/a?b=1' }
    t.match(await ask(door.port), right, 'mended, it passes on')
  })
}

t.test('nobody behind it is 502', async (t) => {
  const door = await startFrontDoor({ mistake: 'auth', broken: () => false, target: 1, httpsPort: 8443 })
  t.teardown(() => door.stop())
  t.match(await ask(door.port), { status: 502 })
})

function ask(port: number): Promise<object> {
  return new Promise((resolve, reject) => {
    const headers = { Host: 'book.localhost' }
    const asked = http.get({ host: '127.0.0.1', port, path: '/a?b=1', headers, agent: false })
    asked.on('error', reject)
    asked.on('response', (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }))
    })
  })
}
