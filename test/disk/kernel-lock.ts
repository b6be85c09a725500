import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { tryKernelLock } from '../../src/disk/kernel-lock.ts'

t.test('one owner at a time, in one process too; release is idempotent', async (t) => {
  const path = join(t.testdir(), 'lock')
  const first = await tryKernelLock(path)
  t.ok(first)
  t.equal(await tryKernelLock(path), undefined)
  first?.release()
  first?.release()
  const second = await tryKernelLock(path)
  t.ok(second)
  first?.release()
  t.equal(await tryKernelLock(path), undefined, 'the first owner cannot release what the second holds')
  second?.release()
})

t.test('the file is empty, 0600, and all there is', async (t) => {
  const directory = t.testdir()
  const lock = await tryKernelLock(join(directory, 'lock'))
  t.teardown(() => lock?.release())
  const { mode, size } = await stat(join(directory, 'lock'))
  t.equal(mode & 0o777, 0o600)
  t.equal(size, 0)
  t.strictSame(await readdir(directory), ['lock'])
})

t.test('inPlace: yes while held, no once the file is gone or another, no after release', async (t) => {
  const path = join(t.testdir(), 'lock')
  const lock = await tryKernelLock(path)
  t.equal(await lock?.inPlace(), true)
  await rm(path)
  t.equal(await lock?.inPlace(), false)
  await writeFile(path, '')
  t.equal(await lock?.inPlace(), false)
  lock?.release()
  const next = await tryKernelLock(path)
  t.equal(await next?.inPlace(), true)
  next?.release()
  t.equal(await next?.inPlace(), false)
})

const rows: [string, (path: string) => Promise<unknown>, RegExp][] = [
  ['a text', (path) => writeFile(path, 'hello'), /is not a lock file of port80/],
  ['a long text', (path) => writeFile(path, 'hello '.repeat(1_000)), /is not a lock file of port80/],
  ['a folder', (path) => mkdir(path), /may not be opened/],
]
for (const [name, lay, fault] of rows) {
  t.test(`${name} in its place is StoreFailed with what to do`, async (t) => {
    const path = join(t.testdir(), 'lock')
    await lay(path)
    await t.rejects(tryKernelLock(path), { message: new RegExp(`^StoreFailed: locking .*${fault.source}`) })
  })
}

t.test('a folder that is missing is StoreFailed', async (t) => {
  await t.rejects(tryKernelLock(join(t.testdir(), 'missing', 'lock')), {
    message: /^StoreFailed: creating .*ENOENT/,
  })
})

t.test(
  'a process that loads it says nothing about experimental modules, and still says its own',
  async (t) => {
    const module = new URL('../../src/disk/kernel-lock.ts', import.meta.url).href
    const script = `
    const { tryKernelLock } = await import(${JSON.stringify(module)})
    const lock = await tryKernelLock(${JSON.stringify(join(t.testdir(), 'lock'))})
    process.emitWarning('of ours', 'ExperimentalWarning')
    process.emitWarning('SQLite of ours', 'ExperimentalWarning')
    lock.release()`
    const run = promisify(execFile)
    const { stderr } = await run(process.execPath, ['--input-type=module', '--eval', script])
    t.match(stderr, /ExperimentalWarning: of ours/)
    t.match(stderr, /ExperimentalWarning: SQLite of ours/, 'the filter is gone after the import')
    t.notMatch(stderr, /SQLite is an experimental/)
  },
)
