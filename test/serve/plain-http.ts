/** Who comes over plain http is summed up over the lives of the process, and shown by whoever can read the store. */
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { startPort80, until, type Port80 } from './fixtures/process.ts'
import { certificates, scene } from './fixtures/world.ts'

/** One request to the public port after the other; resolves when all are redirected. */
async function come(port: number, host: string, { times = 1, agent = 'curl/8', method = 'GET' } = {}) {
  for (let each = 0; each < times; each++)
    await new Promise<void>((resolve, reject) => {
      const options = { port, method, path: '/page', headers: { host, 'user-agent': agent } }
      const asked = request({ host: '127.0.0.1', agent: false, ...options }, (response) => {
        response.resume()
        if (response.statusCode === 301) resolve()
        else reject(new Error(`${response.statusCode}`))
      })
      asked.on('error', reject).end()
    })
}

const today = ({ plainHttp = [] }: StatusSnapshot) =>
  plainHttp.map(({ host, days }) => [host, days[0]?.redirects, days[0]?.reads, days[0]?.agents])
const written = async (folder: string) => readFile(join(folder, 'state', 'traffic', 'redirects.json'), 'utf8')

t.test('a stop and a new start go on counting; a standby shows the sum', async (t) => {
  const { ca, folder, yaml } = await scene(t)
  const config = yaml(`redirect: { hosts: any }\n${certificates('book', 'book.localhost')}`).replace(
    'unreadyWait: 100ms',
    'unreadyWait: 2s',
  )
  const first = await startPort80(t, folder, config)
  ca.setValidationPort(first.publicPort)
  await come(first.publicPort, 'book.localhost', { times: 3, agent: 'Mozilla/5.0 (X11)' })
  await come(first.publicPort, 'book.localhost', { times: 2, method: 'POST' })
  await come(first.publicPort, 'stranger.test')
  const stopped = async ({ child, ended, publicPort }: Port80) => {
    child.kill('SIGTERM')
    // While it goes out of service it still answers.
    await come(publicPort, 'book.localhost', { agent: 'Googlebot/2.1' })
    t.same(await ended, { code: 0, signal: null })
  }
  await stopped(first)
  t.match(JSON.parse(await written(folder)), { v: 1, hosts: { 'book.localhost': {} } })
  t.notMatch(await written(folder), /Mozilla|Googlebot|stranger|127\.0\.0\.1|page/, 'nothing of the client')

  const second = await startPort80(t, folder, config)
  await come(second.publicPort, 'book.localhost', { times: 4 })
  const sum = [
    ['book.localhost', 10, 8, { browser: 3, bot: 1, library: 6, other: 0 }],
    ['other hosts', 1, 1, { browser: 0, bot: 0, library: 1, other: 0 }],
  ]
  await until(second.status, (status) => status.plainHttp?.[0]?.days[0]?.redirects === 10)
  t.same(today(await second.status()), sum)
  await stopped(second)

  const third = await startPort80(t, folder, config)
  await third.line('leading: this worker orders and renews')
  const standby = await startPort80(t, folder, config)
  const shown = await until(standby.status, ({ worker }) => worker.role === 'standby')
  t.equal(today(shown)[0]?.[1], 11, 'the standby reads what is written down')
})

t.test(
  'what is counted to the end of the drain holds nobody up: without requests the process ends at once',
  async (t) => {
    const { folder, yaml } = await scene(t)
    const config = yaml('certificates: []').replace(
      /stop: \{[^}]*\}/,
      'stop: { unreadyWait: 100ms, drain: 1h }',
    )
    t.match(config, 'drain: 1h')
    const { child, ended, line } = await startPort80(t, folder, config)
    await line('leading: this worker orders and renews')
    child.kill('SIGTERM')
    const late = new Promise((resolve) => setTimeout(resolve, 60_000, 'it still runs').unref())
    t.same(await Promise.race([ended, late]), { code: 0, signal: null })
  },
)
