import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { directoryChallengeStore } from '../../src/challenge/directory-store.ts'
import { directoryLeadership } from '../../src/state/directory-lock.ts'
import { directoryStateStore } from '../../src/state/directory-store.ts'
import { otherProcess, type OtherProcess } from '../fixtures/other-process.ts'
import { leadershipContract } from './fixtures/leadership-contract.ts'

leadershipContract(t, async (t) => {
  const directory = t.testdir()
  return { one: directoryLeadership({ directory }), other: directoryLeadership({ directory }) }
})

t.test('asking who leads makes no files', async (t) => {
  const directory = t.testdir()
  t.equal(await directoryLeadership({ directory: join(directory, 'missing') }).holder(), undefined)
  t.equal(await directoryLeadership({ directory }).holder(), undefined)
  t.strictSame(await readdir(directory), [])
})

t.test('leader.txt is there while somebody leads, 0600, and says who and since when', async (t) => {
  const directory = t.testdir()
  const held = await directoryLeadership({ directory }).tryAcquire()
  t.match(
    await readFile(join(directory, 'leader.txt'), 'utf8'),
    /^pid \d+ on \S+ since \d{4}-\d\d-\d\dT[\d:.]+Z\n$/,
  )
  t.equal((await stat(join(directory, 'leader.txt'))).mode & 0o777, 0o600)
  t.equal((await stat(join(directory, 'leader.lock'))).mode & 0o777, 0o600)
  await held?.release()
  t.strictSame(
    await readdir(directory),
    ['leader.lock'],
    'the lock file stays: removing it would let two lead',
  )
})

t.test('a lock file that is removed or replaced ends leadership at the next question', async (t) => {
  for (const how of ['removed', 'replaced'] as const) {
    const directory = t.testdir()
    const path = join(directory, 'leader.lock')
    const leadership = directoryLeadership({ directory })
    const held = await leadership.tryAcquire()
    if (how === 'removed') await rm(path)
    else {
      await writeFile(`${path}.new`, '')
      await rename(`${path}.new`, path)
    }
    t.equal(await held?.stillHeld(), false, how)
    t.equal(held?.signal.aborted, true)
    t.match(held?.signal.reason, { failure: { reason: 'LeadershipLost', detail: /removed or replaced/ } })
    const next = await leadership.tryAcquire()
    t.equal(await next?.stillHeld(), true)
    await next?.release()
    await rm(path)
  }
})

t.test('a lock file that is none says what to do', async (t) => {
  const directory = t.testdir({ 'leader.lock': 'this is a text of somebody else\n' })
  await t.rejects(directoryLeadership({ directory }).tryAcquire(), {
    message: /^StoreFailed: locking .*leader\.lock: is not a lock file of port80; move it away/,
  })
})

const module = new URL('./fixtures/store-process.ts', import.meta.url)
const first = await otherProcess(t, module)
const second = await otherProcess(t, module)
const acquires = (process: OtherProcess, directory: string) => process.call('acquire', directory)

t.test(
  'of two processes one leads; SIGKILL frees its place at once, without clean-up by others',
  async (t) => {
    const directory = t.testdir()
    const victim = await otherProcess(t, module)
    t.equal(await acquires(victim, directory), true)
    t.equal(await acquires(second, directory), false)
    t.match(await second.call('holder', directory), new RegExp(`^pid ${victim.pid} on `))
    await victim.kill()
    t.equal(await second.call('holder', directory), undefined, 'the text it left deceives nobody')
    t.equal(await acquires(second, directory), true)
    t.equal(await second.call('stillHeld', directory), true)
  },
)

t.test('a stopped leader keeps its place, and still has it when it goes on', async (t) => {
  const directory = t.testdir()
  t.equal(await acquires(first, directory), true)
  first.signal('SIGSTOP')
  t.equal(await acquires(second, directory), false)
  first.signal('SIGCONT')
  t.equal(await first.call('stillHeld', directory), true)
  await first.call('release', directory)
  t.equal(await acquires(second, directory), true)
})

t.test('two processes that try without pause never both lead', async (t) => {
  const directory = t.testdir()
  const counts = await Promise.all([first, second].map((each) => each.call('leadOften', directory, 100)))
  t.strictSame(counts, [100, 100], 'each led a hundred times and met nobody')
})

t.test('the stores work in the folder without touching the lock', async (t) => {
  const directory = join(t.testdir(), 'state')
  const held = await directoryLeadership({ directory }).tryAcquire()
  const state = directoryStateStore({ directory, onForeign: ({ fault }) => t.fail(fault) })
  const tokens = directoryChallengeStore({ directory, onForeign: ({ fault }) => t.fail(fault) })
  await state.write('account/le', 'b', await state.write('account/le', 'a', undefined))
  await state.list('account')
  await tokens.list()
  // Closing any descriptor of the lock file would have dropped the lock of this process without a word.
  t.equal(await acquires(second, directory), false)
  await held?.release()
})
