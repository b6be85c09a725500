import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { directoryStateStore } from '../../src/state/directory-store.ts'
import { otherProcess } from '../fixtures/other-process.ts'
import { stateStoreContract } from './fixtures/store-contract.ts'
import { remoteStore } from './fixtures/store-process.ts'

const module = new URL('./fixtures/store-process.ts', import.meta.url)
const sibling = await otherProcess(t, module)

stateStoreContract(t, async (t) => {
  const directory = t.testdir()
  return {
    one: directoryStateStore({ directory, onForeign: () => {} }),
    other: remoteStore(sibling, directory),
  }
})

t.test('a process that is killed while it writes leaves a whole text and no lock', async (t) => {
  const directory = t.testdir()
  const store = directoryStateStore({ directory, onForeign: () => {} })
  const texts = ['a'.repeat(100_000), 'b'.repeat(100_000)]
  await store.write('certificate/book', texts[0] ?? '', undefined)
  for (let round = 0; round < 3; round++) {
    const victim = await otherProcess(t, module)
    t.ok(await remoteStore(victim, directory).read('certificate/book'), 'the other process is up')
    const writing = victim.call('writeForEver', directory, 'certificate/book', texts).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 20 + round * 11))
    await victim.kill()
    await writing
    const stored = await store.read('certificate/book')
    t.ok(texts.includes(stored?.text ?? ''), 'whole')
    t.ok(await store.write('certificate/book', `${round}`, stored?.version), 'writable at once')
    await store.write('certificate/book', texts[0] ?? '', (await store.read('certificate/book'))?.version)
  }
  const names = await readdir(join(directory, 'certificate'))
  t.strictSame(
    names.filter((name) => !name.startsWith('.port80-')),
    ['book.json'],
  )
})
