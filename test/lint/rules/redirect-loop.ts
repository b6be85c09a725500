import t from 'tap'
import { redirectLoop } from '../../../src/lint/rules/redirect-loop.ts'
import { accused, findingsOf, gateway, plain, secure, service, type Given } from '../fixtures/linted.ts'

const host = 'hello.example.com'
const tls = gateway('edge/web', secure(host))
const both = gateway('edge/web', `${plain(host)}, ${secure(host)}`)
const to = 'route: [{ destination: { host: app } }]'
const redirect = (match: string, more = '') =>
  service('edge/loop', 'web', `[{ ${match} redirect: { scheme: https${more} } }, { ${to} }]`)
const said = ['P80-105 VirtualService edge/loop spec.http[0].redirect']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'on 443 alone', yaml: tls + redirect(''), says: said },
  { name: 'on 80 and 443', yaml: both + redirect('match: [{ uri: { prefix: / } }],'), says: said },
  { name: 'of one path', yaml: both + redirect('match: [{ uri: { exact: /login } }],'), says: said },
  {
    name: 'beside an older VirtualService for everything',
    yaml: tls + service('edge/app', 'web', `[{ ${to} }]`, { age: 0 }) + redirect(''),
    says: said,
  },
  { name: 'kept to port 80', yaml: both + redirect('match: [{ port: 80 }],'), says: [] },
  { name: 'kept to http', yaml: both + redirect('match: [{ scheme: { exact: http } }],'), says: [] },
  {
    name: 'for those whom a proxy says to have come by http: not judged',
    yaml: both + redirect('match: [{ headers: { x-forwarded-proto: { exact: http } } }],'),
    says: [],
  },
  { name: 'to another host', yaml: both + redirect('', ', authority: www.example.com'), says: [] },
  { name: 'to another path', yaml: both + redirect('', ', uri: /home'), says: [] },
  {
    name: 'behind a route of the same object that takes everything',
    yaml: both + service('edge/loop', 'web', `[{ ${to} }, { redirect: { scheme: https } }]`),
    says: [],
  },
  { name: 'bound to port 80 alone', yaml: gateway('edge/web', plain(host)) + redirect(''), says: [] },
]

for (const { name, says, ...given } of rows) {
  t.test(`redirect to https: ${name}`, async (t) => {
    t.strictSame(accused(redirectLoop, given), says)
  })
}

const command = 'kubectl -n edge patch virtualservices.networking.istio.io loop --type json -p'
const fixes: readonly { name: string; match: string; patch: object }[] = [
  { name: 'without a match', match: '', patch: { path: '/spec/http/0/match', value: [{ port: 80 }] } },
  {
    name: 'with one',
    match: 'match: [{ uri: { prefix: / } }],',
    patch: { path: '/spec/http/0/match/0/port', value: 80 },
  },
]
for (const { name, match, patch } of fixes) {
  t.test(`the command keeps it to port 80, ${name}`, async (t) => {
    t.strictSame(findingsOf(redirectLoop, { yaml: tls + redirect(match) })[0]?.fix, {
      do: 'run',
      command: `${command} '${JSON.stringify([{ op: 'add', ...patch }])}'`,
    })
  })
}
