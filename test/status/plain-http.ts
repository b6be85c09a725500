/** What the numbers say to a team, in the page and in a terminal. */
import t from 'tap'
import type { PlainHttpStatus, Reported } from '../../src/finding/reported.ts'
import { plainHttpLines } from '../../src/status/plain-http-lines.ts'
import { verdictOf } from '../../src/status/plain-http.ts'
import { renderRedirectsPage } from '../../src/status/redirects-page.ts'
import { otherHosts } from '../../src/traffic/replica-counts.ts'
import { badDay, goodDay, now } from './fixtures/page-snapshots.ts'

const day = 86_400_000
const nobody = { browser: 0, bot: 0, library: 0, other: 0 }

/** One entry a day, newest first. */
function host(...perDay: readonly Partial<typeof nobody>[]): PlainHttpStatus {
  return {
    host: 'book.example.com',
    days: perDay.map((classes, ago) => {
      const agents = { ...nobody, ...classes }
      const redirects = Object.values(agents).reduce((sum, count) => sum + count, 0)
      const date = new Date(now - ago * day).toISOString().slice(0, 10)
      return { day: date, redirects, reads: redirects, agents }
    }),
  }
}
const quiet = (days: number) => Array.from({ length: days }, () => ({}))

const rows = [
  { of: host(), says: 'Nothing is counted yet.' },
  {
    of: host(...quiet(30)),
    says: 'Nobody has come in 30 days: it is safe to close port 80 to everybody but the CA, and to send HSTS.',
  },
  {
    of: host(...quiet(4)),
    says: 'Nobody has come in 4 days: so far port 80 is needed for the CA alone. Wait 26 days more to be sure.',
  },
  {
    of: host({}),
    says: 'Nobody has come today: so far port 80 is needed for the CA alone. Wait 29 days more to be sure.',
  },
  {
    of: host(...quiet(12), { browser: 1, library: 3 }),
    says: 'Nobody has come for 12 days; before that there were libraries 75 %, browsers 25 %. Wait 18 days more to be sure.',
  },
  {
    of: host({ library: 4, bot: 1 }),
    says: 'No browser has come today, only programs (libraries 80 %, bots 20 %): so far HSTS would change nothing for people. Wait 29 days more to be sure.',
  },
  {
    of: host(...Array.from({ length: 30 }, () => ({ library: 1 }))),
    says: 'No browser has come in 30 days, only programs (libraries 100 %): HSTS changes nothing for people, and stops no program.',
  },
  {
    of: host({ other: 1 }, ...quiet(8), { browser: 1 }),
    says: 'No browser has come in the last 7 days; programs have (other programs 100 %).',
  },
  {
    of: host({ browser: 3, bot: 1 }),
    says: '75 % of the redirects of 1 day are browsers: HSTS would keep those on https.',
  },
]

for (const { of, says } of rows) t.test(says, async (t) => t.equal(verdictOf(of), says))

const silent = [{ replica: 'port80-responder-1', seen: 'refused the connection' }]
const summed: Reported = {
  plainHttp: [host({ browser: 3 }), { ...host(...quiet(2)), host: otherHosts }],
  counted: { since: now - 2 * day, asked: { at: now, replicas: 1, silent }, fault: 'the disk is full' },
}
const lines = (reported: Reported) =>
  plainHttpLines({ ...goodDay, ...reported }, { now, width: 80, paint: (text) => text })

t.test('a terminal says of what it is the sum, since when, and what is missing', async (t) => {
  t.strictSame(lines(summed), [
    'Plain http, all replicas, counted since 2027-03-07 10:15 UTC',
    '  book.example.com: 3 in 7 days',
    '    100 % of the redirects of 1 day are browsers: HSTS would keep those on',
    '    https.',
    '  Not asked: port80-responder-1 refused the connection',
    '  The sum is not written down: the disk is full',
  ])
  t.strictSame(lines({ plainHttp: summed.plainHttp ?? [] })[0], 'Plain http, this process alone')
  t.strictSame(lines({}), [])
  const many = Array.from({ length: 15 }, (_, index) => ({ ...host({ bot: index }), host: `h${index}.test` }))
  t.equal(lines({ plainHttp: many }).at(-1), '  and 5 more hosts: /status/redirects, or port80 status --json')
})

t.test('so does the page', async (t) => {
  const page = (reported: Reported) =>
    renderRedirectsPage({ ...badDay, ...reported }, { now, refresh: false }).replaceAll(/<[^>]*>|\s+/g, ' ')
  const all = page(summed).replaceAll(/ +/g, ' ')
  for (const words of [
    'Who was sent on to https by any replica, counted since 2027-03-07 10:15 UTC',
    '1 replica told',
    'port80-responder-1 (refused the connection).',
    'would not outlast the worker: the disk is full.',
  ])
    t.ok(all.includes(words), words)
  t.match(page({ plainHttp: summed.plainHttp ?? [] }), 'this process alone')
})
