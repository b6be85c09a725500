/** The test CA signs for whoever asks. It is for this machine and must never be part of what is shipped. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'

const root = path.join(import.meta.dirname, '../..')
const filesIn = async (folder: string) => {
  const names = await readdir(path.join(root, folder), { recursive: true })
  return names.filter((name) => name.endsWith('.ts')).map((name) => path.join(root, folder, name))
}

t.test('nothing in src imports demo', async (t) => {
  const files = await filesIn('src')
  t.ok(files.length > 50, 'the files are found')
  for (const file of files) {
    const imports = (await readFile(file, 'utf8')).match(/(?:from|import\()\s*'[^']*'/g) ?? []
    t.same(
      imports.filter((each) => each.includes('demo')),
      [],
      path.relative(root, file),
    )
  }
})

t.test('what is compiled and published is src', async (t) => {
  const build = JSON.parse(await readFile(path.join(root, 'tsconfig.build.json'), 'utf8')) as {
    include: string[]
  }
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { files: string[] }
  t.same(build.include, ['src'])
  t.notOk(manifest.files.some((name) => name.startsWith('demo')))
})
