/** `npm start -- --break …`: port80 says what is wrong, and the certificates come once it is mended. */
import { rmSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run as issue } from '../cli/fixtures/run.ts'
import { freePorts, runWalkThrough } from './fixtures/walk-through.ts'

const directory = t.testdir()

const rows = [
  ['auth', ['P80-304']],
  ['route', ['P80-30']],
  ['redirect', ['P80-303']],
  // One name that nobody has entered, and one whose AAAA record leads elsewhere.
  ['dns', ['P80-310 hello.localhost', 'P80-309 httpbin.localhost', 'P80-310 book.localhost', 'NXDOMAIN']],
] as const

for (const [mistake, codes] of rows) {
  t.test(`${mistake}: told, mended, issued`, async (t) => {
    const { options } = await freePorts()
    const run = runWalkThrough(['--directory', directory, '--break', mistake, ...options])
    t.teardown(() => run.kill('SIGKILL'))
    const told = await run.prints('Waiting for that')
    t.match(told, /✗ .*(book|hello|httpbin)\.localhost/)
    for (const each of codes) t.match(told, each)
    t.notMatch(told, /issued in/)
    const folder = path.join(directory, `broken-${mistake}`)
    t.match(told, `broken-${mistake}/mistake`)
    rmSync(path.join(folder, 'mistake'))
    const config = path.join(folder, 'port80.yaml')
    for (const name of ['hello', 'book']) {
      t.match(await issue(['issue', name, '--config', config]), { code: 0 })
    }
    await run.prints(/book +book\.localhost · issued/)
    run.kill('SIGTERM')
    t.match(await run.ended, { code: 0 })
  })
}
