import t from 'tap'
import { challengePrefix } from '../../src/challenge/token.ts'
import { configSchema } from '../../src/config/schema.ts'
import type { RequestFacts } from '../../src/http/facts.ts'
import { decide, redirectSettings } from '../../src/http/redirect.ts'

function facts(host: string, target: string): RequestFacts {
  const rest = { forwardedProto: undefined, remoteAddress: '192.0.2.1', bodyLength: 0 }
  return { method: 'GET', httpMajor: 1, target, host, hosts: 1, ...rest }
}

t.test('a certificate may have a status of its own', async (t) => {
  const { redirect } = configSchema.parse({ redirect: { status: 301 } })
  const statuses = new Map([
    ['own.test', 308],
    ['2001:db8::1', 302],
  ] as const)
  const own = redirectSettings({ redirect, configuredHosts: [], statuses }, 8_192)
  const rows: [host: string, status: number][] = [
    ['own.test', 308],
    ['OWN.test:80', 308],
    ['www.own.test', 301],
    ['[2001:DB8::1]', 302],
  ]
  for (const [host, status] of rows) t.match(decide(facts(host, '/x'), own), { do: 'redirect', status }, host)
})

t.test('asked by its internal name, a responder goes by the identifier in the query', async (t) => {
  const { redirect } = configSchema.parse({})
  const internalHost = 'pods.port80.svc.cluster.local'
  const inside = redirectSettings({ redirect, configuredHosts: [], internalHost }, 8_192)
  const rows: [host: string, query: string, answeredFor: string][] = [
    [`${internalHost}:8080`, '?identifier=a.test', 'a.test'],
    [internalHost, '?x=1&identifier=a.test', 'a.test'],
    [internalHost, '?identifier=2001%3Adb8%3A%3A1', '[2001:db8::1]'],
    [internalHost, '', ''],
    [internalHost, '?identifier=', ''],
    ['a.test', '?identifier=b.test', 'a.test'],
  ]
  for (const [host, query, answeredFor] of rows) {
    const wanted = { do: 'challenge', token: 'abc', host: answeredFor }
    t.match(decide(facts(host, `${challengePrefix}abc${query}`), inside), wanted, `${host}${query}`)
  }
  const query = '?identifier=a.test'
  const other = decide(
    facts(internalHost, `${challengePrefix}abc${query}`),
    redirectSettings({ redirect, configuredHosts: [] }, 8_192),
  )
  t.match(other, { host: internalHost }, 'without such a name, the Host counts')
})
