import t from 'tap'
import { directoryChallengeStore } from '../../src/challenge/directory-store.ts'
import { otherProcess } from '../fixtures/other-process.ts'
import { challengeOf, challengeStoreContract, contractNow, eventually } from './fixtures/store-contract.ts'
import { remoteStore } from './fixtures/store-process.ts'

const module = new URL('./fixtures/store-process.ts', import.meta.url)
const worker = await otherProcess(t, module)

challengeStoreContract(t, async (t, now) => {
  const directory = t.testdir()
  return {
    worker: remoteStore(worker, directory, now),
    responder: directoryChallengeStore({ directory, onForeign: () => {}, now }),
  }
})

t.test(
  'a worker that is killed leaves its tokens to the responders, and the next one cleans up',
  async (t) => {
    const directory = t.testdir()
    const now = () => contractNow
    const responder = directoryChallengeStore({ directory, onForeign: () => {}, now })
    const first = await otherProcess(t, module)
    await remoteStore(first, directory, now).present(challengeOf('left'))
    await first.kill()
    t.strictSame(await responder.find('left'), challengeOf('left'))
    await remoteStore(worker, directory, now).cleanUp('left')
    await eventually(t, async () => (await responder.find('left')) === undefined, 'gone')
  },
)
