import t from 'tap'
import { createWake, pause } from '../../src/worker/wake.ts'

const never = new AbortController().signal
const long = 600_000

t.test('a wait', async (t) => {
  t.test('ends by itself', async () => createWake().wait(5, never))
  t.test('ends when it is woken', async () => {
    const wake = createWake()
    setTimeout(() => wake.now(), 5)
    await wake.wait(long, never)
  })
  t.test('does not begin when it was woken before', async () => {
    const wake = createWake()
    wake.now()
    wake.now()
    await wake.wait(long, never)
  })
  t.test('is woken once by what came before', async (t) => {
    const wake = createWake()
    wake.now()
    await wake.wait(long, never)
    let over = false
    const second = wake.wait(long, never).then(() => (over = true))
    await new Promise((resolve) => setTimeout(resolve, 20))
    t.equal(over, false)
    wake.now()
    await second
  })
  t.test('ends when the signal aborts, before or during it', async () => {
    const abort = new AbortController()
    const wake = createWake()
    setTimeout(() => abort.abort(), 5)
    await wake.wait(long, abort.signal)
    await wake.wait(long, abort.signal)
  })
})

t.test('a pause', async (t) => {
  t.test('ends by itself', async () => pause(5, never))
  t.test('rejects with the reason of the abort', async (t) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(new Error('stopping')), 5)
    await t.rejects(pause(long, abort.signal), { message: 'stopping' })
    await t.rejects(pause(long, abort.signal), { message: 'stopping' }, 'also when it was before')
  })
  t.test('rejects with an Error whatever the reason is', async (t) => {
    await t.rejects(pause(long, AbortSignal.abort('text')), { message: 'aborted' })
  })
  t.test('leaves no listener behind', async (t) => {
    const { signal } = new AbortController()
    let listeners = 0
    const counted = {
      aborted: false,
      addEventListener: (...rest: Parameters<AbortSignal['addEventListener']>) => {
        listeners += 1
        signal.addEventListener(...rest)
      },
      removeEventListener: (...rest: Parameters<AbortSignal['removeEventListener']>) => {
        listeners -= 1
        signal.removeEventListener(...rest)
      },
    } as unknown as AbortSignal
    for (let round = 0; round < 20; round++) await pause(0, counted)
    t.equal(listeners, 0)
  })
})
