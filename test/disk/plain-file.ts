import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf, maxFileBytes, readPlainFile } from '../../src/disk/plain-file.ts'

const rows: [string, (path: string) => unknown, unknown][] = [
  ['a text', (path) => writeFile(path, 'Bücher\n'), { text: 'Bücher\n' }],
  ['a text with a byte order mark, as it is', (path) => writeFile(path, '\ufeffa'), { text: '\ufeffa' }],
  ['an empty file', (path) => writeFile(path, ''), { text: '' }],
  ['nothing', () => undefined, undefined],
  ['a folder', (path) => mkdir(path), { fault: 'is not a plain file' }],
  ['a link to a file', (path) => symlink('/etc/hosts', path), { fault: 'is a symbolic link' }],
  ['a link to nothing', (path) => symlink('nowhere', path), { fault: 'is a symbolic link' }],
  ['a pipe, without waiting', (path) => execFileSync('mkfifo', [path]), { fault: 'is not a plain file' }],
  ['bytes that are no text', (path) => writeFile(path, Buffer.from([0xc3])), { fault: 'is not UTF-8 text' }],
]
for (const [name, lay, read] of rows) {
  t.test(`reads ${name}`, async (t) => {
    const path = join(t.testdir(), 'file')
    await lay(path)
    t.strictSame(await readPlainFile(path), read)
  })
}

t.test('4 MiB is read, a byte more is not', async (t) => {
  const path = join(t.testdir(), 'file')
  await writeFile(path, '')
  await truncate(path, maxFileBytes)
  t.match(await readPlainFile(path), { text: /^\0/ })
  await truncate(path, maxFileBytes + 1)
  t.match(await readPlainFile(path), { fault: /larger than/ })
})

t.test('what is no property of the file is thrown', async (t) => {
  await t.rejects(readPlainFile(join(t.testdir({ file: '' }), 'file', 'below')), { code: 'ENOTDIR' })
})

t.test('codeOf names an error without its text', async (t) => {
  t.equal(codeOf(Object.assign(new Error('/secret/path'), { code: 'ENOSPC' })), 'ENOSPC')
  t.equal(codeOf(new RangeError('/secret/path')), 'RangeError')
  t.equal(codeOf('text'), 'unknown error')
})
