import t from 'tap'
import { pollDelay, pollUntil, type PollClock } from '../../src/acme/poll.ts'
import { Port80Failure, type FailureReason } from '../../src/reason.ts'
import { failureOf } from './fixtures/bench.ts'

t.test('milliseconds between questions', async (t) => {
  const rows = [
    { name: 'before the first question', asked: 0, delay: 100 },
    { name: 'before the second', asked: 1, delay: 160 },
    { name: 'before the third', asked: 2, delay: 256 },
    { name: 'before the eighth', asked: 7, delay: 2_684 },
    { name: 'never more than five seconds', asked: 9, delay: 5_000 },
    { name: 'not after a thousand either', asked: 1_000, delay: 5_000 },
    { name: 'the CA wants more', asked: 2, retryAfterMs: 3_000, delay: 3_000 },
    { name: 'the CA wants much more', asked: 2, retryAfterMs: 86_400_000, delay: 86_400_000 },
    { name: 'the CA wants less: our own pace', asked: 9, retryAfterMs: 1_000, delay: 5_000 },
    { name: 'the CA wants nothing', asked: 0, retryAfterMs: 0, delay: 100 },
  ]
  for (const { name, asked, retryAfterMs, delay } of rows) {
    t.test(name, async (t) => t.equal(pollDelay(asked, retryAfterMs), delay))
  }
})

interface Answer {
  readonly status: string
  readonly retryAfterMs?: number
}

/** A clock that stands still but for the pauses. */
function clock(deadlineMs: number): PollClock & { readonly pauses: number[] } {
  let time = 1_000_000
  const pauses: number[] = []
  return {
    pauses,
    now: () => time,
    deadlineMs,
    async pause(ms, signal) {
      signal.throwIfAborted()
      pauses.push(ms)
      time += ms
    },
  }
}

const never = new AbortController().signal
const question = (answers: readonly Answer[]) => {
  const left = [...answers]
  return {
    left,
    what: 'the order',
    ask: async () => left.shift() ?? { status: 'pending' },
    done: (answer: Answer) => answer.status !== 'pending',
  }
}

t.test('asks until it is done, each time a little later', async (t) => {
  const time = clock(60_000)
  const pending = { status: 'pending' }
  const answer = await pollUntil(question([pending, pending, { status: 'valid' }]), time, never)
  t.same(answer, { status: 'valid' })
  t.same(time.pauses, [100, 160, 256])
})

t.test('waits as long as the CA wants, once', async (t) => {
  const time = clock(60_000)
  const answers = [{ status: 'pending', retryAfterMs: 7_000 }, { status: 'pending' }, { status: 'invalid' }]
  t.same(await pollUntil(question(answers), time, never), { status: 'invalid' })
  t.same(time.pauses, [100, 7_000, 256])
})

t.test('gives up at the deadline', async (t) => {
  const time = clock(2_000)
  t.same(await failureOf(pollUntil(question([]), time, never)), {
    reason: 'AuthorizationTimedOut',
    detail: 'the CA did not decide about the order within 2 s',
  })
  t.equal(time.pauses.reduce((sum, each) => sum + each, 0) <= 2_000, true, 'not after it')
})

t.test('a Retry-After beyond the deadline is a schedule, not a sleep', async (t) => {
  const time = clock(60_000)
  const answers = [{ status: 'pending', retryAfterMs: 3_600_000 }]
  t.match(await failureOf(pollUntil(question(answers), time, never)), {
    reason: 'AuthorizationTimedOut',
    retryAt: 1_000_000 + 100 + 3_600_000,
  })
  t.same(time.pauses, [100])
})

t.test('a Retry-After that came before the first question counts', async (t) => {
  const time = clock(60_000)
  await pollUntil({ ...question([{ status: 'valid' }]), retryAfterMs: 4_000 }, time, never)
  t.same(time.pauses, [4_000])
  const far = { ...question([]), retryAfterMs: 90_000 }
  t.match(await failureOf(pollUntil(far, clock(60_000), never)), { retryAt: 1_090_000 })
})

t.test('a deadline shorter than the first pause still asks once', async (t) => {
  t.same(await pollUntil(question([{ status: 'valid' }]), clock(10), never), { status: 'valid' })
})

t.test('what the question throws ends it', async (t) => {
  const lost = new Port80Failure({ reason: 'OrderLost', detail: 'gone' })
  const asked = { ...question([]), ask: () => Promise.reject<Answer>(lost) }
  t.match(await failureOf(pollUntil(asked, clock(1_000), never)), { reason: 'OrderLost' })
})

const overloaded = (retryAt?: number) => ({
  reason: 'CaOverloaded' as const,
  detail: 'busy',
  ...(retryAt !== undefined && { retryAt }),
})

t.test('what says nothing about the order is asked again', async (t) => {
  const passing = ['CaUnreachable', 'CaTimedOut', 'CaOverloaded', 'CaAnswerUnusable', 'AcmeServerInternal']
  for (const reason of passing as readonly FailureReason[]) {
    t.test(reason, async (t) => {
      const time = clock(60_000)
      let asked = 0
      const ask = async (): Promise<Answer> => {
        asked += 1
        if (asked < 3) throw new Port80Failure({ reason, detail: 'once more' })
        return { status: 'valid' }
      }
      t.same(await pollUntil({ ...question([]), ask }, time, never), { status: 'valid' })
      t.same(time.pauses, [100, 160, 256])
    })
  }

  t.test('no sooner than the CA wants', async (t) => {
    const time = clock(60_000)
    let asked = 0
    const ask = async (): Promise<Answer> => {
      asked += 1
      if (asked === 1) throw new Port80Failure(overloaded(time.now() + 9_000))
      return { status: 'valid' }
    }
    await pollUntil({ ...question([]), ask }, time, never)
    t.same(time.pauses, [100, 9_000])
  })

  t.test('until the deadline: then the last one is told', async (t) => {
    const time = clock(2_000)
    const ask = () =>
      Promise.reject<Answer>(new Port80Failure({ reason: 'CaTimedOut', detail: String(time.now()) }))
    const told = await failureOf(pollUntil({ ...question([]), ask }, time, never))
    t.equal(told.reason, 'CaTimedOut')
    t.equal(told.detail, String(time.now()), 'the last')
    t.equal(time.pauses.reduce((sum, each) => sum + each, 0) <= 2_000, true)
  })

  t.test('a wait beyond the deadline is a schedule', async (t) => {
    const time = clock(60_000)
    const retryAt = 1_000_000 + 3_600_000
    const ask = () => Promise.reject<Answer>(new Port80Failure(overloaded(retryAt)))
    t.match(await failureOf(pollUntil({ ...question([]), ask }, time, never)), overloaded(retryAt))
    t.same(time.pauses, [100])
  })

  t.test('an answer after it counts again', async (t) => {
    const time = clock(2_000)
    let asked = 0
    const ask = async (): Promise<Answer> => {
      asked += 1
      if (asked === 1) throw new Port80Failure({ reason: 'CaUnreachable', detail: 'reset' })
      return { status: 'pending' }
    }
    t.match(await failureOf(pollUntil({ ...question([]), ask }, time, never)), {
      reason: 'AuthorizationTimedOut',
    })
  })

  t.test('not while stopping', async (t) => {
    const abort = new AbortController()
    const ask = async (): Promise<Answer> => {
      abort.abort(new Error('stopping'))
      throw new Port80Failure({ reason: 'CaUnreachable', detail: 'broken off' })
    }
    t.match(await failureOf(pollUntil({ ...question([]), ask }, clock(60_000), abort.signal)), {
      reason: 'CaUnreachable',
    })
  })
})

t.test('an abort ends it', async (t) => {
  const abort = new AbortController()
  const asked = question([])
  const ask = async (): Promise<Answer> => {
    abort.abort(new Error('stopping'))
    return { status: 'pending' }
  }
  await t.rejects(pollUntil({ ...asked, ask }, clock(60_000), abort.signal), { message: 'stopping' })
})
