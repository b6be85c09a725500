/** Streams that a sound API server does not send: torn, endless, mixed up, cut within a character. */
import { setTimeout as pause } from 'node:timers/promises'
import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import type { WatchEnd } from '../../src/kube/watch-end.ts'
import { watchObjects } from '../../src/kube/watch.ts'
import { emptyList, fakeApi, json } from './fixtures/api.ts'

const event = (type: string, name: string) =>
  `${JSON.stringify({ type, object: { metadata: { name, resourceVersion: '2' } } })}\n`

/** The first end of a watch whose stream `write` writes, and what was told before. */
async function firstEnd(
  t: Test,
  write: (response: ServerResponse) => unknown,
  more: { readonly quietMs?: number; readonly changed?: () => void } = {},
): Promise<{ end: WatchEnd; told: string[]; asked: readonly string[] }> {
  const { client, asked } = await fakeApi(t, (request, response) => {
    if (request.url?.includes('watch=true')) {
      response.writeHead(200)
      write(response)
    } else json(response, 200, emptyList)
  })
  const told: string[] = []
  const ended = Promise.withResolvers<WatchEnd>()
  const watch = watchObjects({
    client,
    at: { resource: 'configmaps', namespace: 'port80' },
    listed: () => undefined,
    changed: ({ type, object }) => {
      told.push(`${type} ${object.metadata.name}`)
      more.changed?.()
    },
    ended: (end) => ended.resolve(end),
    ...(more.quietMs !== undefined && { quietMs: more.quietMs }),
  })
  const end = await ended.promise
  await watch.stop()
  return { end, told, asked }
}

t.test('a watch begins at the version of its list, and asks for bookmarks and an end', async (t) => {
  const { asked, end } = await firstEnd(t, (response) => void response.end(event('ADDED', 'a')))
  const url = new URL(asked[1]?.slice('GET '.length) ?? '', 'http://any.invalid')
  t.equal(url.searchParams.get('resourceVersion'), '1')
  t.equal(url.searchParams.get('allowWatchBookmarks'), 'true')
  t.ok(Number(url.searchParams.get('timeoutSeconds')) >= 300)
  t.strictSame(end, { end: 'closed' })
})

t.test('kinds of end', async (t) => {
  const rows: [string, (response: ServerResponse) => unknown, object, string[]][] = [
    [
      'half a line at the end',
      (r) => void r.end(`${event('ADDED', 'a')}{"type":"ADD`),
      { end: 'torn' },
      ['ADDED a'],
    ],
    [
      'a line that is no JSON',
      (r) => void r.write(`${event('ADDED', 'a')}nonsense\n${event('ADDED', 'b')}`),
      { end: 'torn' },
      ['ADDED a'],
    ],
    ['a line that is no event', (r) => void r.write('{"type":"NEWS"}\n'), { end: 'torn' }, []],
    ['null', (r) => void r.write('null\n'), { end: 'torn' }, []],
    ['a line without an end', (r) => void r.write('x'.repeat(9 * 1024 * 1024)), { end: 'torn' }, []],
    [
      'an ERROR event',
      (r) => void r.write('{"type":"ERROR","object":{"kind":"Status","code":410}}\n'),
      { end: 'failed', failure: { kind: 'gone' } },
      [],
    ],
    [
      'a connection that breaks',
      (r) => void r.write(event('DELETED', 'a'), () => r.destroy()),
      { end: 'failed', failure: { kind: 'unreachable' } },
      ['DELETED a'],
    ],
    ['an end in order', (r) => void r.end(event('MODIFIED', 'a')), { end: 'closed' }, ['MODIFIED a']],
  ]
  for (const [name, write, end, told] of rows) {
    const first = await firstEnd(t, write)
    t.match(first.end, end, name)
    t.strictSame(first.told, told, name)
  }
})

t.test('bookmarks are a sign of life and nothing else', async (t) => {
  const { end, told } = await firstEnd(
    t,
    async (response) => {
      for (let turn = 0; turn < 10; turn++) {
        response.write('{"type":"BOOKMARK","object":{}}\n')
        await pause(250)
      }
      response.write(event('ADDED', 'after'))
    },
    { quietMs: 2_000 },
  )
  t.strictSame(end, { end: 'silent' })
  t.strictSame(
    told,
    ['ADDED after'],
    'bookmarks outlived a patience that was shorter than all of them together',
  )
})

t.test('events that arrive in pieces, cut within a character', async (t) => {
  const bytes = Buffer.from(event('ADDED', 'bücher-\u{1f4da}'))
  const { told } = await firstEnd(t, async (response) => {
    for (const byte of bytes) {
      response.write(Buffer.from([byte]))
      await pause(1)
    }
    response.end()
  })
  t.strictSame(told, ['ADDED bücher-\u{1f4da}'])
})

t.test(
  'whoever takes the events in fails: the watch begins anew instead of going on without them',
  async (t) => {
    const error = new Error('a bug')
    const { end, told } = await firstEnd(
      t,
      (response) => void response.write(event('ADDED', 'a') + event('ADDED', 'b')),
      {
        changed: () => {
          throw error
        },
      },
    )
    t.strictSame(end, { end: 'refused', error })
    t.strictSame(told, ['ADDED a'])
  },
)
