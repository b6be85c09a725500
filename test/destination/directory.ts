import { watch } from 'node:fs'
import { chmod, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { directoryDestination } from '../../src/destination/directory.ts'
import { envoySdsResource } from '../../src/destination/envoy-sds.ts'
import { destinationContract } from './fixtures/destination-contract.ts'
import { somePair, somePairs } from './fixtures/pairs.ts'

destinationContract(t, async (t) => directoryDestination({ directory: join(t.testdir(), 'certificates') }))

const setUp = (t: Test) => {
  const directory = join(t.testdir(), 'certificates')
  return { directory, folder: join(directory, 'book'), destination: directoryDestination({ directory }) }
}

const versionsIn = async (folder: string) =>
  (await readdir(folder)).filter((name) => /^\.\.v/.test(name)).sort()

t.test('the folder is laid out as docs/state.md says, 0600 in 0700', async (t) => {
  const { directory, folder, destination } = setUp(t)
  const pair = await somePair()
  await destination.install('book', pair)
  t.strictSame((await readdir(folder)).sort(), ['..data', '..v1', 'sds.yaml', 'tls.crt', 'tls.key'])
  t.equal(await readlink(join(folder, '..data')), '..v1')
  t.equal(await readlink(join(folder, 'tls.crt')), '..data/tls.crt')
  t.equal(await readlink(join(folder, 'tls.key')), '..data/tls.key')
  t.equal(await readFile(join(folder, 'tls.crt'), 'utf8'), pair.chainPem)
  t.equal(await readFile(join(folder, 'tls.key'), 'utf8'), pair.keyPem)
  t.equal(await readFile(join(folder, 'sds.yaml'), 'utf8'), envoySdsResource('book', folder))
  for (const path of [directory, folder, join(folder, '..v1')])
    t.equal((await stat(path)).mode & 0o777, 0o700)
  for (const path of ['tls.crt', 'tls.key', 'sds.yaml'])
    t.equal((await stat(join(folder, path))).mode & 0o777, 0o600)
})

t.test('groupReadable opens files and folders to the group, whatever the umask', async (t) => {
  const directory = join(t.testdir(), 'certificates')
  const before = process.umask(0o077)
  t.teardown(() => process.umask(before))
  await directoryDestination({ directory, groupReadable: true }).install('book', await somePair())
  for (const path of ['', 'book', 'book/..v1'])
    t.equal((await stat(join(directory, path))).mode & 0o777, 0o750)
  for (const path of ['tls.crt', 'tls.key', 'sds.yaml']) {
    t.equal((await stat(join(directory, 'book', path))).mode & 0o777, 0o640)
  }
})

t.test('a folder that exists keeps its mode', async (t) => {
  const { directory, destination } = setUp(t)
  await mkdir(directory)
  await chmod(directory, 0o755)
  await destination.install('book', await somePair())
  t.equal((await stat(directory)).mode & 0o777, 0o755)
})

t.test('a renewal is one single move into the folder; the same pair again is none', async (t) => {
  const { folder, destination } = setUp(t)
  const [first, second] = await somePairs(2)
  if (!first || !second) throw new Error('no pairs')
  await destination.install('book', first)
  const seen: string[] = []
  const watcher = watch(folder, (_, name) => seen.push(name ?? ''))
  t.teardown(() => watcher.close())
  await destination.install('book', first)
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.strictSame(seen, [])
  await destination.install('book', second)
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.strictSame(
    [...new Set(seen)].filter((name) => !name.startsWith('.port80-')),
    ['..v2', '..data'],
    'the resource and the stable names are left alone',
  )
})

t.test('the last three pairs stay', async (t) => {
  const { folder, destination } = setUp(t)
  for (const pair of await somePairs(5)) await destination.install('book', pair)
  t.strictSame(await versionsIn(folder), ['..v3', '..v4', '..v5'])
})

t.test('the paths in the resource are those that the gateway sees', async (t) => {
  const { directory, folder } = setUp(t)
  const pair = await somePair()
  await directoryDestination({ directory }).install('book', pair)
  const moved = { directory, pathAsSeenByGateway: '/etc/envoy/certificates' }
  await directoryDestination({ ...moved, readOnly: true }).read('book')
  t.match(await readFile(join(folder, 'sds.yaml'), 'utf8'), folder, 'reading for a plan changes nothing')
  t.match(await directoryDestination(moved).read('book'), { state: 'present' })
  const resource = await readFile(join(folder, 'sds.yaml'), 'utf8')
  t.equal(resource, envoySdsResource('book', '/etc/envoy/certificates/book'), 'put in step by the worker')
  t.strictSame(await versionsIn(folder), ['..v1'])
})

const inTheWay: [string, (folder: string, directory: string) => Promise<unknown>, RegExp][] = [
  ['a file where the folder belongs', (folder) => writeFile(folder, ''), /book is a file/],
  ['a link where the folder belongs', (folder, directory) => symlink(directory, folder), /book is a link/],
  ['a plain tls.crt', (folder) => plain(folder, 'tls.crt'), /tls\.crt is not a link of port80: move it away/],
  ['a plain tls.key', (folder) => plain(folder, 'tls.key'), /tls\.key is not a link/],
  [
    'a tls.key that leads elsewhere',
    (folder) => lead(folder, 'tls.key', '/etc/x.key'),
    /tls\.key leads where/,
  ],
  [
    'a folder called ..data',
    (folder) => mkdir(join(folder, '..data'), { recursive: true }),
    /\.\.data is not a link/,
  ],
  [
    'a ..data of a mounted Secret',
    (folder) => lead(folder, '..data', '..2026_11_24'),
    /\.\.data leads where/,
  ],
  ['a ..data that leads out', (folder) => lead(folder, '..data', '../other/..v1'), /\.\.data leads where/],
  ["somebody else's sds.yaml", (folder) => plain(folder, 'sds.yaml'), /sds\.yaml was not written by port80/],
]
for (const [name, lay, fault] of inTheWay) {
  t.test(`${name} is told with what to do, and not replaced`, async (t) => {
    const { directory, folder, destination } = setUp(t)
    await mkdir(directory)
    await lay(folder, directory)
    const before = await readdir(directory, { recursive: true })
    t.match(await destination.read('book'), { state: 'foreign', fault })
    const error: unknown = await destination
      .install('book', await somePair())
      .catch((caught: unknown) => caught)
    t.match(error, { failure: { reason: 'DestinationFailed', detail: fault } })
    t.strictSame(await readdir(directory, { recursive: true }), before)
  })
}

async function plain(folder: string, name: string): Promise<void> {
  await mkdir(folder)
  await writeFile(join(folder, name), 'of somebody else\n')
}

async function lead(folder: string, name: string, target: string): Promise<void> {
  await mkdir(folder)
  await symlink(target, join(folder, name))
}

t.test('what was damaged in our own folder is as good as nothing, and healed', async (t) => {
  const { folder, destination } = setUp(t)
  const pair = await somePair()
  const rows: [string, () => Promise<unknown>][] = [
    ['a key that was edited', () => writeFile(join(folder, 'tls.key'), 'x')],
    ['a chain that was emptied', () => writeFile(join(folder, 'tls.crt'), '')],
    [
      'a version that was removed',
      async () => rm(join(folder, await readlink(join(folder, '..data'))), { recursive: true }),
    ],
    ['a stable name that was removed', () => rm(join(folder, 'tls.crt'))],
  ]
  for (const [name, damage] of rows) {
    await destination.install('book', pair)
    await damage()
    t.strictSame(await destination.read('book'), { state: 'absent' }, name)
    await destination.install('book', pair)
    t.strictSame(await destination.read('book'), { state: 'present', pair }, name)
  }
})

t.test('a folder that cannot be written is DestinationFailed', async (t) => {
  const directory = join(t.testdir({ file: '' }), 'file', 'below')
  const destination = directoryDestination({ directory })
  await t.rejects(destination.install('book', await somePair()), { message: /^DestinationFailed: .*ENOTDIR/ })
  await t.rejects(destination.read('book'), { message: /^DestinationFailed: .*ENOTDIR/ })
})
