import { writeFileSync } from 'node:fs'
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
import { challengeText, fileNameOf } from '../../src/challenge/challenge-record.ts'
import { directoryChallengeStore } from '../../src/challenge/directory-store.ts'
import type { ForeignFile } from '../../src/disk/foreign.ts'
import { challengeOf, challengeStoreContract, contractNow, eventually } from './fixtures/store-contract.ts'

const setUp = (t: Test, now = () => contractNow) => {
  const directory = t.testdir()
  const foreign: ForeignFile[] = []
  const open = () => directoryChallengeStore({ directory, onForeign: (file) => foreign.push(file), now })
  const tokens = join(directory, 'tokens')
  return { directory, tokens, foreign, open, file: (token: string) => join(tokens, fileNameOf(token)) }
}

challengeStoreContract(t, async (t, now) => {
  const { open } = setUp(t, now)
  return { worker: open(), responder: open() }
})

t.test(
  'without notices of the kernel the folder is asked: added at once, removed within seconds',
  async (t) => {
    const { open, directory } = setUp(t)
    const worker = open()
    const deaf = directoryChallengeStore({
      directory,
      onForeign: () => {},
      now: () => contractNow,
      notices: false,
    })
    t.equal(await deaf.find('token'), undefined)
    await worker.present(challengeOf('token'))
    t.strictSame(await deaf.find('token'), challengeOf('token'))
    await worker.cleanUp('token')
    t.strictSame(await deaf.find('token'), challengeOf('token'), 'still in memory')
    await eventually(t, async () => (await deaf.find('token')) === undefined, 'gone')
    t.strictSame(await deaf.list(), [])
  },
)

t.test('asking makes no folder, and finds what is presented later', async (t) => {
  const { open, directory } = setUp(t)
  const [worker, responder] = [open(), open()]
  t.equal(await responder.find('token'), undefined)
  t.strictSame(await responder.list(), [])
  await responder.cleanUp('token')
  t.strictSame(await readdir(directory), [])
  await worker.present(challengeOf('token'))
  t.strictSame(await responder.find('token'), challengeOf('token'))
})

t.test('files are 0600 in folders of 0700, and hold what docs/state.md says', async (t) => {
  const { open, tokens, file } = setUp(t)
  await open().present(challengeOf('modes'))
  t.equal((await stat(file('modes'))).mode & 0o777, 0o600)
  t.equal((await stat(tokens)).mode & 0o777, 0o700)
  t.strictSame(JSON.parse(await readFile(file('modes'), 'utf8')), { v: 1, ...challengeOf('modes') })
  t.strictSame(await readdir(tokens), [fileNameOf('modes')], 'no temporary file is left')
})

t.test('a folder that others can look into is told and left as it is', async (t) => {
  const { open, tokens, foreign } = setUp(t)
  await mkdir(tokens)
  await chmod(tokens, 0o755)
  await open().present(challengeOf('wide'))
  t.match(foreign, [{ path: tokens, fault: /mode 755.*chmod 700/ }])
  t.equal((await stat(tokens)).mode & 0o777, 0o755)
})

t.test('files that are not ours are told once, stepped over, and found once mended', async (t) => {
  const { open, file, foreign, tokens } = setUp(t)
  const store = open()
  await store.present(challengeOf('good'))
  await writeFile(file('torn'), challengeText(challengeOf('torn')).slice(0, 30))
  await writeFile(file('binary'), Buffer.from([0xff, 0xfe, 0x00]))
  await writeFile(file('empty'), '')
  await symlink(file('good'), file('linked'))
  await mkdir(file('folder'))
  await writeFile(file('huge'), '')
  await truncate(file('huge'), 5 * 1024 * 1024)
  await writeFile(join(tokens, 'notes.txt'), 'hello')
  for (let round = 0; round < 3; round++) {
    t.strictSame(await store.list(), [challengeOf('good')])
    for (const token of ['torn', 'binary', 'empty', 'linked', 'folder', 'huge']) {
      t.equal(await store.find(token), undefined, token)
    }
  }
  const told = Object.fromEntries(foreign.map(({ path, fault }) => [path, fault]))
  t.equal(foreign.length, 7, 'once each')
  t.match(told, {
    [file('torn')]: /not JSON/,
    [file('binary')]: /not UTF-8/,
    [file('empty')]: /not JSON/,
    [file('linked')]: /symbolic link/,
    [file('folder')]: /not a plain file/,
    [file('huge')]: /larger than/,
    [join(tokens, 'notes.txt')]: /not a token file/,
  })
  await writeFile(file('torn'), challengeText(challengeOf('torn')))
  t.strictSame(await store.find('torn'), challengeOf('torn'))
  await eventually(t, async () => (await store.list()).length === 2, 'listed again')
})

t.test('temporary files of dead writers are swept by age, those of living ones are not', async (t) => {
  const { open, tokens } = setUp(t)
  const store = open()
  await mkdir(tokens, { mode: 0o700 })
  await store.list()
  const old = join(tokens, '.port80-4711-0123456789ab.tmp')
  const young = join(tokens, '.port80-4712-0123456789ab.tmp')
  await writeFile(old, 'half')
  await writeFile(young, 'half')
  const twoHoursAgo = new Date(Date.now() - 7_200_000)
  await utimes(old, twoHoursAgo, twoHoursAgo)
  await rename(old, old) // a scan follows a change of the folder
  t.strictSame(await store.list(), [])
  t.strictSame(await readdir(tokens), ['.port80-4712-0123456789ab.tmp'])
})

t.test('list removes files that expired some time ago, and not those presented anew elsewhere', async (t) => {
  let now = contractNow
  const { open, tokens } = setUp(t, () => now)
  const [worker, other] = [open(), open()]
  await worker.present(challengeOf('gone', { expiresAt: contractNow + 1_000 }))
  await worker.present(challengeOf('anew', { expiresAt: contractNow + 1_000 }))
  await other.list()
  const anew = challengeOf('anew', { expiresAt: contractNow + 7_200_000 })
  await worker.present(anew)
  now = contractNow + 3_600_000
  t.strictSame(await other.list(), [anew])
  t.strictSame(await readdir(tokens), [fileNameOf('anew')])
})

t.test('a folder that goes away: memory answers, the rest throws, presenting makes it again', async (t) => {
  const { open, directory, tokens } = setUp(t)
  const store = open()
  await store.present(challengeOf('known'))
  await rename(tokens, join(directory, 'elsewhere'))
  await t.rejects(async () => store.find('unknown'), { message: /^StoreFailed/ })
  await t.rejects(store.list(), { message: /^StoreFailed/ })
  t.strictSame(await store.find('known'), challengeOf('known'))
  await store.present(challengeOf('next'))
  t.strictSame(await open().find('next'), challengeOf('next'))
})

t.test('a folder that was replaced by another is watched and read anew', async (t) => {
  const { open, directory, tokens } = setUp(t)
  const [store, other] = [open(), open()]
  await store.present(challengeOf('old'))
  await store.list()
  await rm(tokens, { recursive: true })
  await other.present(challengeOf('new'))
  t.strictSame(await store.list(), [challengeOf('new')])
  t.equal(await store.find('old'), undefined)
  t.strictSame(await readdir(directory), ['tokens'])
})

t.test('a flood of strange tokens neither hides a new token nor is answered wrongly', async (t) => {
  const { open } = setUp(t)
  const [worker, responder] = [open(), open()]
  const flood = Array.from({ length: 2_000 }, async (_, index) => responder.find(`strange-${index}`))
  await worker.present(challengeOf('needle'))
  t.strictSame(await responder.find('needle'), challengeOf('needle'))
  t.ok((await Promise.all(flood)).every((each) => each === undefined))
  t.strictSame(await responder.find('needle'), challengeOf('needle'))
})

t.test('hundreds of tokens at once that another process left are all found', async (t) => {
  const { open, tokens, file } = setUp(t)
  await mkdir(tokens, { mode: 0o700 })
  const names = Array.from({ length: 600 }, (_, index) => `bulk-${index}`)
  for (const token of names) writeFileSync(file(token), challengeText(challengeOf(token)))
  const store = open()
  const found = await Promise.all(names.map(async (token) => store.find(token)))
  t.equal(found.filter((each) => each !== undefined).length, 600)
  t.equal((await store.list()).length, 600)
})
