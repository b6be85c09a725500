import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { tryKernelLock } from '../../src/disk/kernel-lock.ts'
import type { ForeignFile } from '../../src/disk/foreign.ts'
import { directoryStateStore } from '../../src/state/directory-store.ts'
import type { StateKey } from '../../src/state/store.ts'
import { stateStoreContract } from './fixtures/store-contract.ts'

const setUp = (t: Test) => {
  const directory = t.testdir()
  const foreign: ForeignFile[] = []
  const open = () => directoryStateStore({ directory, onForeign: (file) => foreign.push(file) })
  return { directory, foreign, open, folder: join(directory, 'certificate') }
}

stateStoreContract(t, async (t) => {
  const { open } = setUp(t)
  return { one: open(), other: open() }
})

t.test('files are 0600 in folders of 0700, plainly named, and hold the text and nothing else', async (t) => {
  const { directory, open } = setUp(t)
  const store = open()
  const version = await store.write('account/le', '{"v":1}', undefined)
  await store.write('account/le', '{"v":2}', version)
  t.equal((await stat(join(directory, 'account'))).mode & 0o777, 0o700)
  t.equal((await stat(join(directory, 'account/le.json'))).mode & 0o777, 0o600)
  t.equal(await readFile(join(directory, 'account/le.json'), 'utf8'), '{"v":2}')
  t.strictSame(await readdir(join(directory, 'account')), ['le.json'], 'no temporary file is left')
  t.equal((await stat(join(directory, 'write.lock'))).mode & 0o777, 0o600)
  t.equal((await stat(join(directory, 'write.lock'))).size, 0)
})

t.test('a folder that is missing is made, 0700, with its parents', async (t) => {
  const directory = join(t.testdir(), 'var/lib/port80')
  const store = directoryStateStore({ directory, onForeign: ({ fault }) => t.fail(fault) })
  await store.write('holds/le', 'x', undefined)
  t.equal((await stat(directory)).mode & 0o777, 0o700)
})

t.test('a folder that others can look into is told and left as it is', async (t) => {
  const { directory, foreign, open } = setUp(t)
  await chmod(directory, 0o755)
  await open().write('account/le', 'x', undefined)
  t.match(foreign, [{ path: directory, fault: /mode 755.*chmod 700/ }])
  t.equal((await stat(directory)).mode & 0o777, 0o755)
})

t.test('a file that is not ours is told, makes its own key throw, and no other', async (t) => {
  const { folder, foreign, open } = setUp(t)
  const store = open()
  await store.write('certificate/good', 'good', undefined)
  await symlink(join(folder, 'good.json'), join(folder, 'linked.json'))
  await writeFile(join(folder, 'binary.json'), Buffer.from([0xff, 0xfe]))
  await mkdir(join(folder, 'folder.json'))
  await writeFile(join(folder, 'huge.json'), '')
  await truncate(join(folder, 'huge.json'), 5 * 1024 * 1024)
  await writeFile(join(folder, 'README'), 'hello')
  for (const [name, fault] of [
    ['linked', /symbolic link/],
    ['binary', /not UTF-8/],
    ['folder', /not a plain file/],
    ['huge', /larger than/],
  ] as const) {
    const key: StateKey = `certificate/${name}`
    await t.rejects(store.read(key), { message: new RegExp(`^StoreFailed: .*${fault.source}`) }, name)
    await t.rejects(
      store.write(key, 'x', undefined),
      { message: /^StoreFailed/ },
      `${name} is not overwritten`,
    )
    t.match(foreign.find((file) => file.path === join(folder, `${name}.json`))?.fault, fault)
  }
  t.equal((await store.read('certificate/good'))?.text, 'good')
  t.strictSame(
    [...(await store.list('certificate'))].sort(),
    ['certificate/binary', 'certificate/good', 'certificate/huge'],
    'links and folders are not listed; what is in a file is only known when it is read',
  )
  t.ok(foreign.some((file) => file.path === join(folder, 'README')))
  await store.list('certificate')
  await t.rejects(store.read('certificate/linked'))
  t.equal(foreign.length, new Set(foreign.map((file) => file.path)).size, 'each is told once')
})

t.test('a folder that went away is a fault, never an empty store', async (t) => {
  const { directory, folder, open } = setUp(t)
  const store = open()
  const version = await store.write('certificate/book', 'x', undefined)
  await rename(folder, join(directory, 'elsewhere'))
  await t.rejects(store.read('certificate/book'), { message: /^StoreFailed/ })
  await t.rejects(store.list('certificate'), { message: /^StoreFailed/ })
  await t.rejects(store.write('certificate/book', 'y', undefined), { message: /^StoreFailed/ })
  await t.rejects(store.remove('certificate/book', version), { message: /^StoreFailed/ })
  await rename(join(directory, 'elsewhere'), folder)
  t.equal((await store.read('certificate/book'))?.text, 'x', 'and heals')
})

t.test('reading, listing and removing what was never there makes no folder', async (t) => {
  const directory = join(t.testdir(), 'never')
  const store = directoryStateStore({ directory, onForeign: ({ fault }) => t.fail(fault) })
  t.equal(await store.read('account/le'), undefined)
  t.strictSame(await store.list('request'), [])
  await store.remove('account/le', 'any')
  await t.rejects(stat(directory), { code: 'ENOENT' })
  await store.write('account/le', 'x', undefined)
  t.strictSame((await readdir(directory)).sort(), ['account'])
})

t.test('a store that cannot be made says so, and works once it can', async (t) => {
  const { directory, open } = setUp(t)
  const store = open()
  await writeFile(join(directory, 'account'), 'a file in the way')
  await t.rejects(store.read('account/le'), { message: /^StoreFailed/ })
  await rm(join(directory, 'account'))
  t.equal(await store.read('account/le'), undefined)
})

t.test('a text over 4 MiB is refused, since it could not be read back', async (t) => {
  const { open } = setUp(t)
  await t.rejects(open().write('certificate/a', 'x'.repeat(4 * 1024 * 1024 + 1), undefined), {
    message: /^StoreFailed.*too large/,
  })
})

t.test('temporary files of dead writers are swept by age, those of living ones are not', async (t) => {
  const { folder, open } = setUp(t)
  const store = open()
  await mkdir(folder, { mode: 0o700 })
  const old = join(folder, '.port80-4711-0123456789ab.tmp')
  await writeFile(old, 'half')
  await writeFile(join(folder, '.port80-4712-0123456789ab.tmp'), 'half')
  const twoHoursAgo = new Date(Date.now() - 7_200_000)
  await utimes(old, twoHoursAgo, twoHoursAgo)
  t.strictSame(await store.list('certificate'), [])
  t.strictSame(await readdir(folder), ['.port80-4712-0123456789ab.tmp'])
})

t.test(
  'while another process has the turn to replace, that waits, and reading and creating go on',
  async (t) => {
    const { directory, open } = setUp(t)
    const store = open()
    const version = await store.write('holds/le', '0', undefined)
    const lock = await tryKernelLock(join(directory, 'write.lock'))
    t.teardown(() => lock?.release())
    const waiting = store.write('holds/le', '1', version)
    await new Promise((resolve) => setTimeout(resolve, 50))
    t.equal((await store.read('holds/le'))?.text, '0')
    await open().write('holds/other', 'new', undefined)
    lock?.release()
    await waiting
    t.equal((await store.read('holds/le'))?.text, '1')
  },
)
