import t from 'tap'
import { sessionsOf } from '../../src/acme/sessions.ts'
import { Port80Failure } from '../../src/reason.ts'
import { failureOf } from './fixtures/bench.ts'

const never = new AbortController().signal

/** Sessions whose opening the test ends itself. */
function scene() {
  const started: { issuer: string; end: () => void; fail: () => void }[] = []
  const closed: string[] = []
  const sessions = sessionsOf((issuer) => {
    const number = started.length + 1
    const session = {
      client: { close: () => void closed.push(`${issuer} ${number}`) },
      accountUrl: `${issuer}/${number}`,
    }
    return new Promise<typeof session>((resolve, reject) => {
      started.push({
        issuer,
        end: () => resolve(session),
        fail: () => reject(new Port80Failure({ reason: 'CaUnreachable', detail: 'ECONNREFUSED' })),
      })
    })
  })
  return { sessions, started, closed }
}

t.test('a hundred orders at once open one session', async (t) => {
  const { sessions, started } = scene()
  const all = Promise.all(Array.from({ length: 100 }, () => sessions.open('main', never)))
  t.equal(started.length, 1)
  started[0]?.end()
  t.equal(new Set(await all).size, 1)
  await sessions.open('main', never)
  t.equal(started.length, 1, 'and a later one uses it')
})

t.test('each issuer has its own', async (t) => {
  const { sessions, started } = scene()
  const both = Promise.all([sessions.open('main', never), sessions.open('other', never)])
  for (const each of started) each.end()
  t.same(
    (await both).map(({ accountUrl }) => accountUrl),
    ['main/1', 'other/2'],
  )
})

t.test('a failure fails all who wait, and the next order tries again', async (t) => {
  const { sessions, started } = scene()
  const waiting = [1, 2, 3].map(() => failureOf(sessions.open('main', never)))
  started[0]?.fail()
  t.same(
    (await Promise.all(waiting)).map(({ reason }) => reason),
    ['CaUnreachable', 'CaUnreachable', 'CaUnreachable'],
  )
  const again = sessions.open('main', never)
  started[1]?.end()
  t.match(await again, { accountUrl: 'main/2' })
})

t.test('a failure that comes late does not end the session after it', async (t) => {
  const { sessions, started } = scene()
  const first = failureOf(sessions.open('main', never))
  sessions.forget('main')
  const second = sessions.open('main', never)
  started[1]?.end()
  await second
  started[0]?.fail()
  await first
  t.equal(await sessions.open('main', never), await second)
  t.equal(started.length, 2)
})

t.test('a forgotten session is closed and the next one is new', async (t) => {
  const { sessions, started, closed } = scene()
  const first = sessions.open('main', never)
  started[0]?.end()
  await first
  sessions.forget('main')
  sessions.forget('main')
  sessions.forget('nobody')
  const next = sessions.open('main', never)
  started[1]?.end()
  t.match(await next, { accountUrl: 'main/2' })
  t.same(closed, ['main 1'])
})

t.test('closing ends all of them, also those that are being opened', async (t) => {
  const { sessions, started, closed } = scene()
  const all = Promise.all([sessions.open('main', never), sessions.open('other', never)])
  sessions.close()
  for (const each of started) each.end()
  await all
  await new Promise(setImmediate)
  t.same(closed, ['main 1', 'other 2'])
})
