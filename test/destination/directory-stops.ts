/** Stops at every step of an installation: what is there then, and that the next installation goes on. */
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Installed, Pair } from '../../src/destination/destination.ts'
import { directoryDestination } from '../../src/destination/directory.ts'
import { envoySdsResource } from '../../src/destination/envoy-sds.ts'
import { otherProcess } from '../fixtures/other-process.ts'
import { somePair, somePairs } from './fixtures/pairs.ts'

const setUp = (t: Test) => {
  const directory = join(t.testdir(), 'certificates')
  return { directory, folder: join(directory, 'book'), destination: directoryDestination({ directory }) }
}

/** What a stop leaves, step by step; each row is laid on top of those before it. `old` is there from the start. */
type Step = readonly [name: string, lay: (folder: string, pair: Pair, version: string) => Promise<unknown>]
const half = (text: string) => text.slice(0, text.length / 2)
const untilSwitch: readonly Step[] = [
  ['an empty version folder', (folder, _, version) => mkdir(join(folder, version))],
  [
    'half a chain',
    (folder, pair, version) => writeFile(join(folder, version, 'tls.crt'), half(pair.chainPem)),
  ],
  [
    'a chain without key',
    (folder, pair, version) => writeFile(join(folder, version, 'tls.crt'), pair.chainPem),
  ],
  ['half a key', (folder, pair, version) => writeFile(join(folder, version, 'tls.key'), half(pair.keyPem))],
  [
    'a version not in force',
    (folder, pair, version) => writeFile(join(folder, version, 'tls.key'), pair.keyPem),
  ],
  ['a link not yet in place', (folder, _, version) => symlink(version, join(folder, temporary))],
]
const temporary = '.port80-4711-0123456789ab.tmp'
const toSwitch: Step = ['a switch done', (folder) => rename(join(folder, temporary), join(folder, '..data'))]
const first: readonly Step[] = [
  ['an empty folder', (folder) => mkdir(folder, { recursive: true })],
  ['one stable name', (folder) => symlink('..data/tls.crt', join(folder, 'tls.crt'))],
  ['both stable names', (folder) => symlink('..data/tls.key', join(folder, 'tls.key'))],
  ...untilSwitch,
]

for (let stop = 1; stop <= first.length; stop++) {
  t.test(
    `a first installation that stopped at "${first[stop - 1]?.[0]}" is nothing, and the next completes it`,
    async (t) => {
      const { folder, destination } = setUp(t)
      const pair = await somePair()
      for (const [, lay] of first.slice(0, stop)) await lay(folder, pair, '..v1')
      t.strictSame(await destination.read('book'), { state: 'absent' })
      await destination.install('book', pair)
      t.strictSame(await destination.read('book'), { state: 'present', pair })
      t.equal(await readFile(join(folder, 'tls.crt'), 'utf8'), pair.chainPem)
    },
  )
}

t.test(
  'a first installation that stopped before the resource is there, and reading adds the resource',
  async (t) => {
    const { folder, destination } = setUp(t)
    const pair = await somePair()
    for (const [, lay] of [...first, toSwitch]) await lay(folder, pair, '..v1')
    t.strictSame(await destination.read('book'), { state: 'present', pair })
    t.equal(await readFile(join(folder, 'sds.yaml'), 'utf8'), envoySdsResource('book', folder))
  },
)

for (let stop = 1; stop <= untilSwitch.length; stop++) {
  t.test(
    `a renewal that stopped at "${untilSwitch[stop - 1]?.[0]}" left the old pair, and the next completes it`,
    async (t) => {
      const { folder, destination } = setUp(t)
      const [old, pair] = await somePairs(2)
      if (!old || !pair) throw new Error('no pairs')
      await destination.install('book', old)
      for (const [, lay] of untilSwitch.slice(0, stop)) await lay(folder, pair, '..v2')
      t.strictSame(await destination.read('book'), { state: 'present', pair: old })
      await destination.install('book', pair)
      t.strictSame(await destination.read('book'), { state: 'present', pair })
    },
  )
}

t.test('a process that is killed while it installs leaves a whole pair, and the next goes on', async (t) => {
  const { directory, destination } = setUp(t)
  const pairs = await somePairs(2)
  const module = new URL('./fixtures/installer.ts', import.meta.url)
  for (const wait of [5, 17, 31]) {
    const victim = await otherProcess(t, module)
    await victim.call('ready')
    const installing = victim.call('installForEver', directory, pairs).catch(() => undefined)
    while (!isOneOf(await destination.read('book'), pairs))
      await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, wait))
    await victim.kill()
    await installing
    t.ok(isOneOf(await destination.read('book'), pairs), 'a whole pair')
    const next = await somePair()
    await destination.install('book', next)
    t.strictSame(await destination.read('book'), { state: 'present', pair: next })
  }
})

function isOneOf(found: Installed, pairs: readonly Pair[]): boolean {
  if (found.state !== 'present') return false
  return pairs.some(
    ({ chainPem, keyPem }) => chainPem === found.pair.chainPem && keyPem === found.pair.keyPem,
  )
}
