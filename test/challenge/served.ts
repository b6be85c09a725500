import t from 'tap'
import { frontDoorAt, responderAt } from '../../src/challenge/ask.ts'
import { awaitServed, type Answer, type Responder, type ServedShell } from '../../src/challenge/served.ts'
import { pause } from '../../src/worker/wake.ts'
import { failureOf } from '../acme/fixtures/bench.ts'
import { challenge, keyAuthorization, never, patience, right, token } from './fixtures/asking.ts'
import { closedPort, door } from './fixtures/front-door.ts'

/** Answers in this order; the last one for ever. */
function place(id: string, ...answers: readonly (Answer | 'served')[]): Responder & { asked: string[] } {
  const asked: string[] = []
  return {
    id,
    asked,
    async ask(each) {
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? 'served'
      asked.push(each.token)
      return answer === 'served' ? { served: true } : answer
    },
  }
}

const not = (seen: string): Answer => ({ served: false, seen })

/** A clock that only pauses move. */
function shell(responders: readonly Responder[], frontDoor?: Responder, timeoutMs = 10_000) {
  const pauses: number[] = []
  let time = 0
  const served: ServedShell & { pauses: number[] } = {
    pauses,
    responders: async () => responders,
    frontDoors: async () => (frontDoor ? [frontDoor] : []),
    timeoutMs,
    now: () => time,
    async pause(ms, signal) {
      signal.throwIfAborted()
      pauses.push(ms)
      time += ms
    },
  }
  return served
}

const other = { ...challenge, token: 'other', identifier: 'www.example.com' }

t.test('every responder is asked for every token, then the front door', async (t) => {
  const [one, two, front] = [place('one', 'served'), place('two', 'served'), place('front', 'served')]
  await awaitServed([challenge, other], shell([one, two], front), never)
  for (const each of [one, two, front]) t.same(each.asked.toSorted(), [token, 'other'].toSorted(), each.id)
})

t.test('the front door is not asked before the responders serve', async (t) => {
  const front = place('front', 'served')
  const slow = place('slow', not('answered 404 instead of 200'), not('answered 404 instead of 200'), 'served')
  const front404: Responder = {
    ...front,
    ask: (each, signal) => {
      t.equal(slow.asked.length, 3, 'after the third answer of the slow one')
      return front.ask(each, signal)
    },
  }
  const times = shell([place('quick', 'served'), slow], front404)
  await awaitServed([challenge], times, never)
  t.same(times.pauses, [20, 40], 'asked again soon, then less often')
})

t.test('what does not serve in time', async (t) => {
  const rows = [
    {
      name: 'a responder',
      shell: shell([place('one', 'served'), place('10.0.0.7:8080', not('answered 404 instead of 200'))]),
      failure: {
        reason: 'NotServed',
        detail: '10.0.0.7:8080 answered 404 instead of 200',
        identifier: 'book.example.com',
      },
    },
    {
      name: 'the front door',
      shell: shell([place('one', 'served')], place('the front door', not('refused the connection'))),
      failure: {
        reason: 'SelfCheckFailed',
        detail: 'the front door refused the connection',
        identifier: 'book.example.com',
      },
    },
  ] as const
  for (const { name, shell: times, failure } of rows) {
    t.test(name, async (t) => {
      t.same(await failureOf(awaitServed([challenge], times, never)), failure)
      const waited = times.pauses.reduce((sum, each) => sum + each, 0)
      t.equal(waited > 9_000 && waited <= 10_000, true, `${waited} ms of 10,000`)
      t.equal(Math.max(...times.pauses), 500, 'asked twice a second at the least')
    })
  }
})

t.test('the failure names the name that is not served', async (t) => {
  const picky: Responder = {
    id: 'picky',
    ask: async ({ token: asked }) =>
      asked === 'other' ? not('answered 404 instead of 200') : { served: true },
  }
  t.match(await failureOf(awaitServed([challenge, other], shell([picky]), never)), {
    identifier: 'www.example.com',
  })
})

t.test('a responder that goes away is not waited for', async (t) => {
  const gone = place('gone', not('refused the connection'))
  let round = 0
  const times = shell([])
  await awaitServed(
    [challenge],
    {
      ...times,
      responders: async () => (round++ < 2 ? [place('here', 'served'), gone] : [place('here', 'served')]),
    },
    never,
  )
  t.equal(gone.asked.length, 2)
})

t.test('with the self-check off the front door is not asked', async (t) => {
  await awaitServed([challenge], shell([place('one', 'served')]), never)
  t.pass('and nothing is missing')
})

t.test('an abort ends the wait', async (t) => {
  const abort = new AbortController()
  const stubborn: Responder = {
    id: 'stubborn',
    ask: async () => {
      abort.abort(new Error('stopping'))
      return not('answered 404 instead of 200')
    },
  }
  await t.rejects(awaitServed([challenge], shell([stubborn]), abort.signal), { message: 'stopping' })
})

t.test('on real sockets: not served, then served', async (t) => {
  let answers = 0
  const there = await door(t, (request, response) => {
    answers += 1
    if (answers > 3) right(request, response)
    else response.writeHead(404).end('not yet')
  })
  const real = { now: () => Date.now(), pause, timeoutMs: patience }
  const responders = async () => [responderAt('127.0.0.1', there.port, patience)]
  const front = frontDoorAt(`http://127.0.0.1:${there.port}/{token}`, patience)
  await awaitServed([challenge], { ...real, responders, frontDoors: async () => [front] }, never)
  t.equal(answers, 5, 'three refusals, the responder, the front door')

  const nobody = frontDoorAt(`http://127.0.0.1:${await closedPort()}/{token}`, patience)
  const failure = await failureOf(
    awaitServed(
      [challenge],
      { ...real, responders, frontDoors: async () => [nobody], timeoutMs: 300 },
      never,
    ),
  )
  t.match(failure, { reason: 'SelfCheckFailed', detail: 'the front door refused the connection' })
  t.equal(JSON.stringify(failure).includes(keyAuthorization), false)
})
