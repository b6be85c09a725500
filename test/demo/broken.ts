/** `npm start -- --break …`: port80 says what is wrong, and the certificates come once it is mended. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { freePorts, runWalkThrough } from './fixtures/walk-through.ts'

const cli = path.join(import.meta.dirname, '../../src/cli.ts')
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
    for (const name of ['hello', 'book']) {
      const args = [cli, 'issue', name, '--config', path.join(folder, 'port80.yaml')]
      await promisify(execFile)(process.execPath, args)
    }
    await run.prints(/book +book\.localhost · issued/)
    run.kill('SIGTERM')
    t.match(await run.ended, { code: 0 })
  })
}
