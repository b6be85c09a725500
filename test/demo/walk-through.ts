/** The walk-through from outside: what a user sees in the first minutes. */
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import t from 'tap'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { tlsRequest } from './fixtures/tls-request.ts'
import { isAlive } from '../fixtures/is-alive.ts'
import { accepts, freePorts, port80Pid, ready, runWalkThrough } from './fixtures/walk-through.ts'

const directory = t.testdir()
const { ports, options } = await freePorts()
// The first renewal comes after about a tenth of the lifetime, the next after two thirds of it.
const args = ['--directory', directory, '--lifetime', '120', ...options]

t.test('issues two certificates, redirects, serves, renews without a failed request, and ends', async (t) => {
  const run = runWalkThrough(args)
  t.teardown(() => run.kill('SIGKILL'))
  const story = await run.prints(ready)
  t.notMatch(story, '\u001b', 'no colours when nobody is at a terminal')
  t.match(story, /test CA +https:\/\/localhost:\d+\/directory/)
  t.match(story, /hello +hello\.localhost, httpbin\.localhost · issued in [\d.]+ s · until [\d:]+ · serial/)
  t.match(story, /book +book\.localhost · issued/)

  const redirect = await get('http://book.localhost/productpage?x=1')
  const location = `https://book.localhost:${ports.gateway}/productpage?x=1`
  t.match(redirect, { status: 301, location })
  t.match(story, `curl -i 'http://book.localhost:${ports.public}/productpage?x=1'`)

  const ca = await readFile(path.join(directory, 'ca/root.pem'), 'utf8')
  const at = { ca, port: ports.gateway }
  const product = await tlsRequest(location, at)
  t.match(product, { status: 200, body: /Comedy of Errors/ })
  t.match(await tlsRequest('https://httpbin.localhost/status/418', at), { status: 418 })
  const status = await readStatus()
  t.same(status.certificates.map(({ name, state }) => `${name} ${state}`).sort(), [
    'book ready',
    'hello ready',
  ])

  const renewed = await run.prints(/↻ book[^]*↻ hello|↻ hello[^]*↻ book/)
  t.match(renewed, /↻ book +renewed: serial \w{4}…\w{4} → \w{4}…\w{4} · [\d,]+ requests on :\d+, 0 failed/)
  t.not((await tlsRequest(location, at)).serial, product.serial)

  const asked = Date.now()
  run.kill('SIGINT')
  t.match(await run.ended, { code: 0, signal: null })
  t.ok(Date.now() - asked < 30_000, 'it ends in two seconds, and soon on a busy machine')
  t.match(run.output(), /Ended: 4 orders, 2 renewals seen; [\d,]+ requests on :\d+, 0 failed/)
  t.notOk(isAlive(port80Pid(story)), 'port80 is gone')
  for (const port of Object.values(ports)) t.notOk(await accepts(port as number), `port ${port} is free`)
})

t.test('orders nothing at the second start, and serves what it has', async (t) => {
  const run = runWalkThrough(args)
  t.teardown(() => run.kill('SIGKILL'))
  const story = await run.prints(ready)
  t.match(story, /book +book\.localhost · still good · until/)
  t.match(story, 'Nothing was ordered')
  run.kill('SIGTERM')
  t.match(await run.ended, { code: 0, signal: null })
  t.match(run.output(), /Ended: 0 orders, 0 renewals seen; \d+ requests on :\d+, 0 failed/)
})

function get(url: string): Promise<{ status: number | undefined; location: string | undefined }> {
  const { hostname, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const headers = { Host: `${hostname}:${ports.public}` }
    const target = { host: '127.0.0.1', port: ports.public, path: pathname + search, headers, agent: false }
    http
      .get(target, (response) => {
        response.resume()
        resolve({ status: response.statusCode, location: response.headers.location })
      })
      .on('error', reject)
  })
}

async function readStatus(): Promise<StatusSnapshot> {
  return (await (await fetch(`http://127.0.0.1:${ports.admin}/status.json`)).json()) as StatusSnapshot
}
