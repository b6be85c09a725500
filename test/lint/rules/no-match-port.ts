import t from 'tap'
import { noMatchPort } from '../../../src/lint/rules/no-match-port.ts'
import { commandOf } from '../fixtures/judged.ts'
import {
  accused,
  findingsOf,
  gateway,
  plain,
  port80At,
  secure,
  service,
  type Given,
} from '../fixtures/linted.ts'

const host = 'hello.example.com'
const both = (age?: number) => gateway('shop/web', `${plain(host)}, ${secure(host)}`, age)
const to = 'route: [{ destination: { host: app } }]'
const app = (http = `[{ ${to} }]`, more: { age?: number; hosts?: string } = {}) =>
  service('shop/app', 'web', http, more)
const ours = port80At()
const said = ['P80-103 VirtualService shop/app spec.http[0]']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'on a Gateway with 80 and 443', yaml: ours + both() + app(), says: said },
  {
    name: 'on an older Gateway',
    yaml: port80At(undefined, 9) + both(0) + app(undefined, { age: 1 }),
    says: said,
  },
  {
    name: 'on a younger one: their order is age, and nothing to build on',
    yaml: port80At(undefined, 0) + both(9) + app(undefined, { age: 9 }),
    says: said,
  },
  {
    name: 'for some paths, which go before any redirect',
    yaml:
      ours +
      both() +
      app(`[{ match: [{ port: 443 }], ${to} }, { match: [{ uri: { prefix: /api } }], ${to} }]`),
    says: ['P80-103 VirtualService shop/app spec.http[1]'],
  },
  { name: 'kept to 443', yaml: ours + both() + app(`[{ match: [{ port: 443 }], ${to} }]`), says: [] },
  { name: 'that says port 80', yaml: ours + both() + app(`[{ match: [{ port: 80 }], ${to} }]`), says: [] },
  {
    name: 'that redirects to https itself',
    yaml: ours + both() + app('[{ redirect: { scheme: https } }]'),
    says: [],
  },
  {
    name: 'that sidecars have too',
    yaml: ours + both() + service('shop/app', 'web, mesh', `[{ ${to} }]`),
    says: [],
  },
  { name: 'on a Gateway with 80 alone', yaml: ours + gateway('shop/web', plain(host)) + app(), says: [] },
  { name: 'on a Gateway with 443 alone', yaml: ours + gateway('shop/web', secure(host)) + app(), says: [] },
  {
    name: 'for another host',
    yaml: ours + both() + app(undefined, { hosts: 'other.example.com' }),
    says: [],
  },
  {
    name: 'that takes the challenge too, as port80 has no name: P80-102',
    yaml: port80At(undefined, undefined, ['*']) + both() + app(),
    says: [],
  },
  {
    name: 'that takes the challenge too, by its path: P80-104',
    yaml:
      port80At("['*']", 9) +
      both(0) +
      app(`[{ match: [{ uri: { prefix: /.well-known } }], ${to} }]`, { age: 0 }),
    says: [],
  },
  {
    name: 'while a Gateway redirects everything: P80-101',
    yaml:
      ours + gateway('shop/web', `${plain(host, ', tls: { httpsRedirect: true }')}, ${secure(host)}`) + app(),
    says: [],
  },
  {
    name: 'while port80 has the challenge alone, and no redirect to lose',
    yaml:
      gateway('edge/port80', plain("'*'")) +
      service(
        'edge/port80',
        'port80',
        '[{ match: [{ uri: { prefix: /.well-known/acme-challenge/ } }], route: [{ destination: { host: port80.port80.svc.cluster.local } }] }]',
      ) +
      both() +
      app(),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`VirtualService for https: ${name}`, async (t) => {
    t.strictSame(accused(noMatchPort, given), says)
  })
}

const words: readonly { name: string; yaml: string; verb: string }[] = [
  { name: 'goes first', yaml: port80At(undefined, 9) + both(0) + app(undefined, { age: 1 }), verb: 'is' },
  {
    name: 'goes after it today',
    yaml: port80At(undefined, 0) + both(9) + app(undefined, { age: 9 }),
    verb: 'may be',
  },
]
for (const { name, yaml, verb } of words) {
  t.test(`what is seen, where it ${name}`, async (t) => {
    const [found] = findingsOf(noMatchPort, { yaml })
    t.equal(
      found?.seen,
      `no match.port, and Gateway shop/web has port 80 too: http of ${host} ${verb} answered and not redirected`,
    )
  })
}

t.test('the command keeps it to the port of https', async (t) => {
  const [found] = findingsOf(noMatchPort, { yaml: ours + both() + app() })
  t.equal(
    commandOf(found),
    'kubectl -n shop patch virtualservices.networking.istio.io app --type json ' +
      `-p '[{"op":"add","path":"/spec/http/0/match","value":[{"port":443}]}]'`,
  )
})
