import t, { type Test } from 'tap'
import { door, secureDoor, type Door } from './fixtures/front-door.ts'
import { at, challenge, keyAuthorization, never, notServed, right } from './fixtures/asking.ts'

t.test('redirects are followed as a CA follows them', async (t) => {
  const rows: readonly { name: string; status: number }[] = [301, 302, 307, 308].map((status) => ({
    name: `${status}`,
    status,
  }))
  for (const { name, status } of rows) {
    t.test(name, async (t) => {
      const target = await door(t, right)
      const there = await door(t, (_, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${target.port}/elsewhere?a=b` }).end('moved')
      })
      t.same(await at(there).ask(challenge, never), { served: true })
      t.same(target.asked, [{ url: '/elsewhere?a=b', host: `127.0.0.1:${target.port}` }])
    })
  }
  t.test('a relative one', async (t) => {
    const there = await door(t, (request, response) => {
      if (request.url === '/moved') response.end(keyAuthorization)
      else response.writeHead(302, { location: '/moved' }).end()
    })
    t.same(await at(there).ask(challenge, never), { served: true })
  })
  t.test('to https with a certificate that nobody trusts (it may be the one to be replaced)', async (t) => {
    const target = await secureDoor(t, right)
    const there = await door(t, (_, response) => {
      response.writeHead(301, { location: `https://127.0.0.1:${target.port}/t` }).end()
    })
    t.same(await at(there).ask(challenge, never), { served: true })
    t.equal(target.asked.length, 1)
  })
  t.test('ten of them', async (t) =>
    t.same(await at(await chain(t, 10)).ask(challenge, never), { served: true }),
  )
  t.test('eleven are too many', async (t) => {
    t.match(await at(await chain(t, 11)).ask(challenge, never), notServed('redirected more than 10 times'))
  })
  t.test('a loop ends', async (t) => {
    const there = await door(
      t,
      (request, response) => void response.writeHead(301, { location: request.url ?? '' }).end(),
    )
    t.match(await at(there).ask(challenge, never), notServed('redirected more than 10 times'))
    t.equal(there.asked.length, 11)
  })
})

/** Redirects that many times, then answers. */
function chain(t: Test, hops: number): Promise<Door> {
  return door(t, (request, response) => {
    const hop = Number(new URL(request.url ?? '', 'http://x').searchParams.get('hop') ?? 0)
    if (hop === hops) response.end(keyAuthorization)
    else response.writeHead(302, { location: `/?hop=${hop + 1}` }).end()
  })
}
