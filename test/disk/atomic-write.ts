import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  isTemporary,
  replaceFile,
  sweepTemporaries,
  syncFolder,
  writeNew,
  writeTemporary,
} from '../../src/disk/atomic-write.ts'

t.test('replaceFile creates and replaces, and leaves nothing beside it', async (t) => {
  const directory = t.testdir()
  const path = join(directory, 'file')
  await replaceFile(path, 'one')
  await replaceFile(path, 'two')
  t.equal(await readFile(path, 'utf8'), 'two')
  t.equal((await stat(path)).mode & 0o777, 0o600)
  t.strictSame(await readdir(directory), ['file'])
})

t.test('a replacement that fails leaves the old file and nothing beside it', async (t) => {
  const directory = t.testdir({ file: { inside: 'a folder cannot be replaced by a file' } })
  await t.rejects(replaceFile(join(directory, 'file'), 'text'))
  t.strictSame(await readdir(directory), ['file'])
})

t.test('replacing a link replaces the link and not what it leads to', async (t) => {
  const directory = t.testdir({ target: 'of somebody else' })
  await symlink('target', join(directory, 'link'))
  await replaceFile(join(directory, 'link'), 'ours')
  t.equal(await readFile(join(directory, 'target'), 'utf8'), 'of somebody else')
  t.equal(await readFile(join(directory, 'link'), 'utf8'), 'ours')
})

t.test('writeNew never overwrites', async (t) => {
  const path = join(t.testdir({ file: 'old' }), 'file')
  await t.rejects(writeNew(path, 'new', 0o600), { code: 'EEXIST' })
  t.equal(await readFile(path, 'utf8'), 'old')
})

t.test('a wider mode is given whatever the umask', async (t) => {
  const before = process.umask(0o077)
  t.teardown(() => process.umask(before))
  const path = join(t.testdir(), 'file')
  await writeNew(path, '', 0o640)
  t.equal((await stat(path)).mode & 0o777, 0o640)
})

t.test('temporary files are known by their name, and swept by age', async (t) => {
  const directory = t.testdir()
  const young = await writeTemporary(directory, 'young')
  const old = await writeTemporary(directory, 'old')
  await writeFile(join(directory, 'other.tmp'), '')
  await symlink('nowhere', join(directory, '.port80-1-0123456789ab.tmp'))
  await mkdir(join(directory, '.port80-2-0123456789ab.tmp'))
  const twoHoursAgo = new Date(Date.now() - 7_200_000)
  for (const path of [old, join(directory, 'other.tmp'), join(directory, '.port80-2-0123456789ab.tmp')]) {
    await utimes(path, twoHoursAgo, twoHoursAgo)
  }
  const names = await readdir(directory)
  t.equal(names.filter(isTemporary).length, 4)
  await sweepTemporaries(directory, [...names, '.port80-3-0123456789ab.tmp'])
  const left = await readdir(directory)
  t.notOk(left.includes(old.slice(directory.length + 1)))
  t.ok(left.includes(young.slice(directory.length + 1)))
  t.equal(left.length, names.length - 1, 'a young link, a folder and a file of another name stay')
})

t.test('syncFolder of what is missing throws', async (t) => {
  await t.rejects(syncFolder(join(t.testdir(), 'missing')), { code: 'ENOENT' })
})
