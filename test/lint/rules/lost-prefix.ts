import t from 'tap'
import { lostPrefix } from '../../../src/lint/rules/lost-prefix.ts'
import { accused, findingsOf, port80At, service, type Given } from '../fixtures/linted.ts'

const to = 'route: [{ destination: { host: app } }]'
const app = (match: string, age?: number, action = to) =>
  service('shop/app', 'edge/port80', `[{ match: [{ ${match} }], ${action} }]`, { age })
const wellKnown = 'uri: { prefix: /.well-known }'
const said = ['P80-104 VirtualService shop/app spec.http[0]']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'an older route for /.well-known', yaml: port80At('[]', 60) + app(wellKnown, 0), says: said },
  { name: 'a younger one: harmless', yaml: port80At('[]', 0) + app(wellKnown, 60), says: [] },
  {
    name: 'an older one, and port80 beside the gateway for it alone: harmless',
    yaml: port80At("['.']", 60) + app(wellKnown, 0),
    says: [],
  },
  { name: 'whose age nobody knows: not judged', yaml: port80At('[]') + app(wellKnown), says: [] },
  {
    name: 'an older redirect by regular expression',
    yaml: port80At('[]', 60) + app('uri: { regex: /.* }', 0, 'redirect: { scheme: https }'),
    says: said,
  },
  {
    name: 'an older route that matches everything goes last: harmless',
    yaml: port80At('[]', 60) + app('uri: { prefix: / }', 0),
    says: [],
  },
  {
    name: 'an older route for another path: harmless',
    yaml: port80At('[]', 60) + app('uri: { prefix: /.well-known/security.txt }', 0),
    says: [],
  },
  {
    name: 'an older route for 443: harmless',
    yaml: port80At('[]', 60) + app(`port: 443, ${wellKnown}`, 0),
    says: [],
  },
  {
    name: 'an older route for those with a header: not judged',
    yaml: port80At('[]', 60) + app(`headers: { x-canary: { exact: 'on' } }, ${wellKnown}`, 0),
    says: [],
  },
  {
    name: 'a regular expression that could take for ever: not judged',
    yaml: port80At('[]', 60) + app("uri: { regex: '/(([a-z.-/]+)+)+!' }", 0),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`earlier route: ${name}`, async (t) => {
    t.strictSame(accused(lostPrefix, given), says)
  })
}

t.test('the command puts the challenge before that route', async (t) => {
  const [finding] = findingsOf(lostPrefix, { yaml: port80At('[]', 60) + app(wellKnown, 0) })
  const command = finding?.fix.do === 'run' ? finding.fix.command : ''
  const [, patch = ''] =
    /^kubectl -n shop patch virtualservices\.networking\.istio\.io app --type json -p '(.*)'$/.exec(
      command,
    ) ?? []
  t.strictSame(JSON.parse(patch), [
    {
      op: 'add',
      path: '/spec/http/0',
      value: {
        name: 'port80-challenge',
        match: [{ uri: { prefix: '/.well-known/acme-challenge/' }, port: 80 }],
        route: [{ destination: { host: 'port80.port80.svc.cluster.local', port: { number: 80 } } }],
      },
    },
  ])
})
