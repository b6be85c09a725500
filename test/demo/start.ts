/** The walk-through when it is used wrongly, or when something is wrong with the machine. */
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import path from 'node:path'
import t from 'tap'
import { isAlive } from '../fixtures/is-alive.ts'
import { accepts, freePorts, port80Pid, ready, runWalkThrough } from './fixtures/walk-through.ts'

t.test('names the setting and the option of each busy port, and starts nothing', async (t) => {
  const directory = t.testdir()
  const { ports, options } = await freePorts()
  const held = await Promise.all(Object.values(ports).map((port: number) => hold(port)))
  t.teardown(() => held.forEach((server) => server.close()))
  const run = runWalkThrough(['--directory', directory, ...options])
  t.match(await run.ended, { code: 4 })
  for (const [port, setting, option] of [
    [ports.public, 'listeners.public.port', '--public-port'],
    [ports.admin, 'listeners.admin.port', '--admin-port'],
    [ports.gateway, 'redirect.httpsPort', '--gateway-port'],
    [ports.ca, 'issuers.demo.directory', '--ca-port'],
  ] as const)
    t.match(run.output(), RegExp(`port ${port} .*is busy.*Set ${setting} in .*npm start -- ${option} N`))
  t.notOk(existsSync(path.join(directory, 'ca')))
  t.notOk(existsSync(path.join(directory, 'state')))
})

t.test('ends with everything else, and with the last words of port80, when port80 dies', async (t) => {
  const { ports, options } = await freePorts()
  const run = runWalkThrough(['--directory', t.testdir(), ...options])
  t.teardown(() => run.kill('SIGKILL'))
  const pid = port80Pid(await run.prints(ready))
  t.ok(isAlive(pid))
  process.kill(pid, 'SIGKILL')
  t.match(await run.ended, { code: 1, signal: null })
  t.match(run.output(), /port80 ended by itself \(SIGKILL\)\. The end of its log:\n .*info/)
  for (const port of Object.values(ports)) t.notOk(await accepts(port as number), `port ${port} is free`)
})

t.test('points at a port80 that a killed walk-through has left behind', async (t) => {
  const directory = t.testdir()
  const { options } = await freePorts()
  const first = runWalkThrough(['--directory', directory, ...options])
  const pid = port80Pid(await first.prints(ready))
  t.teardown(() => isAlive(pid) && process.kill(pid, 'SIGKILL'))
  first.kill('SIGKILL')
  await first.ended
  const second = runWalkThrough(['--directory', directory, ...options])
  t.match(await second.ended, { code: 4 })
  t.match(second.output(), `An earlier walk-through may have left its port80 behind: kill ${pid}`)
})

t.test('ends cleanly while it is still starting, and by itself after --for', async (t) => {
  const { ports, options } = await freePorts()
  const run = runWalkThrough(['--directory', t.testdir(), ...options, '--for', '1'])
  t.teardown(() => run.kill('SIGKILL'))
  t.match(await run.ended, { code: 0, signal: null })
  t.notMatch(run.output(), '✗')
  for (const port of Object.values(ports)) t.notOk(await accepts(port as number), `port ${port} is free`)
})

t.test('explains itself, and what is wrong with a command line', async (t) => {
  const help = runWalkThrough(['--help'])
  t.match(await help.ended, { code: 0 })
  t.match(help.output(), /Usage: npm start.*Exit codes:/s)
  const wrong = runWalkThrough(['--ca-port', 'x'])
  t.match(await wrong.ended, { code: 2 })
  t.match(wrong.output(), /--ca-port is a whole number from 1 to 65535, not "x"\nTry: npm start -- --help/)
})

function hold(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
