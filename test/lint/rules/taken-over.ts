import t from 'tap'
import { takenOver } from '../../../src/lint/rules/taken-over.ts'
import { commandOf } from '../fixtures/judged.ts'
import {
  accused,
  findingsOf,
  gateway,
  plain,
  port80At,
  secure,
  service,
  whole,
  type Given,
} from '../fixtures/linted.ts'

const host = 'hello.example.com'
/** Of port80 without a name: any host. */
const any = port80At(undefined, undefined, ['*'])
const both = gateway('shop/web', `${plain(host)}, ${secure(host)}`)
const plainOnly = gateway('shop/web', plain(host))
const to = 'route: [{ destination: { host: app } }]'
const app = (http = `[{ ${to} }]`, hosts = host) => service('shop/app', 'web', http, { hosts })
const said = ['P80-102 VirtualService shop/app spec.hosts']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'by an application on 80 and 443', yaml: any + both + app(), says: said },
  { name: 'by one on 80 alone', yaml: any + plainOnly + app(), says: said },
  {
    name: 'by one for other paths, since its virtual host has the host whatever the path',
    yaml: any + plainOnly + app(`[{ match: [{ uri: { prefix: /api } }], ${to} }]`),
    says: said,
  },
  {
    name: 'by a wildcard, which is more specific than any host',
    yaml: any + gateway('shop/web', plain("'*.example.com'")) + app(undefined, '*.example.com'),
    says: said,
  },
  {
    name: 'on the Gateway of port80 itself',
    yaml: any + service('shop/app', 'edge/port80', `[{ ${to} }]`),
    says: said,
  },
  {
    name: 'by a redirect to https',
    yaml: any + plainOnly + app('[{ redirect: { scheme: https } }]'),
    says: said,
  },
  {
    name: 'by two, of which one goes first',
    yaml: any + plainOnly + app() + service('shop/older', 'web', `[{ ${to} }]`),
    says: said,
  },
  {
    name: 'by two, both for https',
    yaml: any + both + app() + service('shop/more', 'web', `[{ ${to} }]`),
    says: [...said, 'P80-102 VirtualService shop/more spec.hosts'],
  },
  { name: 'port80 has it by name too', yaml: port80At() + both + app(), says: [] },
  { name: 'kept to 443', yaml: any + both + app(`[{ match: [{ port: 443 }], ${to} }]`), says: [] },
  { name: 'a Gateway for 443 alone', yaml: any + gateway('shop/web', secure(host)) + app(), says: [] },
  { name: 'another host', yaml: any + both + app(undefined, 'other.example.com'), says: [] },
  {
    name: 'the same host by `*`',
    yaml: any + gateway('shop/web', plain("'*'")) + app(undefined, '*'),
    says: [],
  },
  { name: 'routes of port80 are not there: who knows', yaml: both + app(), says: [] },
  {
    name: 'not even where all was read: P80-302 tells who answers',
    yaml: both + app(),
    scope: whole('virtualServices'),
    says: [],
  },
  {
    name: 'a Gateway with httpsRedirect, which is P80-101',
    yaml: any + gateway('shop/web', plain(host, ', tls: { httpsRedirect: true }')) + app(),
    says: [],
  },
  {
    name: 'an application that leads the challenge to port80 itself',
    yaml:
      any +
      plainOnly +
      app(
        `[{ match: [{ uri: { prefix: /.well-known/acme-challenge/ } }], route: [{ destination: { host: port80.port80.svc.cluster.local } }] }, { ${to} }]`,
      ),
    says: [],
  },
  {
    name: 'one that hands on to another object: not judged',
    yaml: any + plainOnly + app('[{ delegate: { name: parts } }]'),
    says: [],
  },
  {
    name: 'pods of another gateway',
    yaml: any + gateway('shop/web', plain(host), 0, 'istio: other') + app(),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`host taken over: ${name}`, async (t) => {
    t.strictSame(accused(takenOver, given), says)
  })
}

const patch = (operations: object) =>
  `kubectl -n shop patch virtualservices.networking.istio.io app --type json -p '${JSON.stringify(operations)}'`

t.test('what is for https is kept to its port, route by route', async (t) => {
  const http = `[{ match: [{ uri: { prefix: /a } }, { uri: { prefix: /b }, port: 8443 }], ${to} }, { ${to} }]`
  const [found] = findingsOf(takenOver, { yaml: any + both + app(http) })
  t.equal(found?.seen, `has ${host} on port 80 of ${host}, which port80 has as * only; no match.port`)
  t.equal(
    commandOf(found),
    patch([
      { op: 'add', path: '/spec/http/0/match/0/port', value: 443 },
      { op: 'add', path: '/spec/http/1/match', value: [{ port: 443 }] },
    ]),
  )
})

const challenge = {
  name: 'port80-challenge',
  match: [{ uri: { prefix: '/.well-known/acme-challenge/' }, port: 80 }],
  route: [{ destination: { host: 'port80.port80.svc.cluster.local', port: { number: 80 } } }],
}
const wanted: readonly { name: string; yaml: string }[] = [
  { name: 'what is on port 80 alone', yaml: any + plainOnly + app() },
  { name: 'what says port 80', yaml: any + both + app(`[{ match: [{ port: 80 }], ${to} }]`) },
  { name: 'what sidecars have too', yaml: any + both + service('shop/app', 'web, mesh', `[{ ${to} }]`) },
  { name: 'what redirects https too', yaml: any + both + app('[{ redirect: { scheme: https } }]') },
]
for (const { name, yaml } of wanted) {
  t.test(`${name} lets the challenge go first`, async (t) => {
    t.equal(
      commandOf(findingsOf(takenOver, { yaml })[0]),
      patch([{ op: 'add', path: '/spec/http/0', value: challenge }]),
    )
  })
}
