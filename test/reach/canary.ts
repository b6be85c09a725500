import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import { runCanary } from '../../src/reach/canary.ts'
import { ways, type Ways } from './fixtures/pretend-looker.ts'

t.setTimeout(60_000)

const minute = 60_000

interface Run {
  hosts: string[]
  every: number | undefined
  readonly bugs: unknown[]
}

/** Until `minutes` have passed on the clock of the scene, which moves by a second at most with each pause. */
async function run(scene: Ways, minutes: number, differs: Partial<Run> = {}): Promise<Run> {
  const self: Run = { hosts: ['book.example.com'], every: 5 * minute, bugs: [], ...differs }
  const stop = new AbortController()
  const end = scene.time + minutes * minute
  await runCanary(
    {
      ...scene.shell,
      hosts: () => self.hosts,
      every: () => self.every,
      failed: (error) => self.bugs.push(error),
      async pause(ms) {
        await new Promise((resolve) => setImmediate(resolve))
        scene.time += ms
        if (scene.time >= end) stop.abort()
      },
    },
    stop.signal,
  )
  return self
}

t.test('every host is looked at within half a minute, then once a period', async (t) => {
  const hosts = Array.from({ length: 40 }, (_, i) => `h${i}.example.com`)
  const scene = ways()
  await run(scene, 0.6, { hosts })
  t.equal(new Set(scene.looked).size, 40)
  await run(scene, 25, { hosts })
  t.ok(scene.looked.length >= 40 * 5 && scene.looked.length <= 40 * 8, `${scene.looked.length} looks`)
})

t.test(
  'a broken way is a finding within a minute, told once, and gone within one after it is mended',
  async (t) => {
    const scene = ways()
    scene.broken.set('book.example.com', 'P80-303')
    await run(scene, 1)
    t.match(scene.told.findings, [{ code: 'P80-303', from: 'canary', host: 'book.example.com' }])
    t.match(scene.told.legs, [{ ok: false, code: 'P80-303' }])
    await run(scene, 30)
    scene.broken.clear()
    await run(scene, 9)
    t.strictSame(scene.told.findings, [])
    t.strictSame(scene.mended, ['book.example.com'])
    t.strictSame(
      scene.lines.map(({ msg }) => msg),
      ['the CA cannot reach this host', 'what kept the CA from this host has ended'],
    )
  },
)

t.test('off: nobody looks, and what is no longer managed is forgotten', async (t) => {
  const scene = ways()
  await run(scene, 1)
  t.equal(scene.told.legs?.length, 1)
  const before = scene.looked.length
  await run(scene, 30, { every: undefined, hosts: [] })
  t.equal(scene.looked.length, before)
  t.strictSame(scene.told, { findings: [], legs: [] })
  t.ok(scene.lookedAt !== undefined && scene.lookedAt < scene.time, 'which was no look')
})

t.test('a look that cannot be made waits for its next turn and changes nothing', async (t) => {
  const scene = ways()
  let asked = 0
  scene.before = () => {
    asked += 1
    throw new Port80Failure({ reason: 'StoreFailed', detail: 'away' })
  }
  const { bugs } = await run(scene, 20)
  t.ok(asked >= 3 && asked <= 8, `${asked} looks`)
  t.strictSame(bugs, [])
  scene.before = () => {
    throw new TypeError('of ours')
  }
  t.ok((await run(scene, 20)).bugs.length > 0, 'a bug of ours is told')
})
