/** The test CA signs for whoever asks. It is for this machine and must never be part of what is shipped. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { build } from 'esbuild'
import { bundle } from '../../build.ts'

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

t.test('what is built and published is src and its packages', async (t) => {
  const { metafile } = await build({ ...bundle, write: false, metafile: true })
  const files = Object.keys(metafile.inputs).filter((file) => !file.startsWith('by-name:node:'))
  const folders = new Set(files.map((file) => file.split('/')[0]))
  t.same([...folders].sort(), ['node_modules', 'src'])
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { files: string[] }
  t.same(manifest.files, ['bin', 'dist'])
})

t.test('what nobody uses is not loaded', async (t) => {
  const { metafile } = await build({ ...bundle, write: false, metafile: true })
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ external, kind }) => external === true && kind === 'import-statement'),
  )
  const builtins = new Set(imported.map(({ path }) => path).filter((name) => name.startsWith('node:')))
  t.same(
    [...builtins],
    ['node:module'],
    'a module of Node is read name by name: as a whole it loads undici and others',
  )
  const words = Object.keys(metafile.inputs).filter((file) => file.includes('zod/v4/locales/'))
  t.same(
    words.map((file) => path.basename(file)),
    ['en.js'],
    'of the words of zod one language',
  )
})
