import t from 'tap'
import { findingLines } from '../../src/status/finding-lines.ts'
import { painter } from '../../src/status/terminal.ts'
import { renderStatusText } from '../../src/status/text.ts'
import { meshDay } from './fixtures/mesh-day.ts'
import { goodDay, now } from './fixtures/page-snapshots.ts'

const options = { now, width: 100, paint: painter(false) }

t.test(
  'each finding says where, what, since when, and what mends it, in a line that can be copied',
  async (t) => {
    const lines = findingLines(meshDay, options)
    t.same(lines.slice(0, 5), [
      'error P80-101 httpsRedirect on a managed host for api.example.net',
      '  Gateway istio-ingress/public spec.servers[0].tls.httpsRedirect: server 0 (port 80, hosts',
      '  api.example.net) has httpsRedirect: true; Envoy answered 301 to',
      '  https://api.example.net/.well-known/acme-challenge/… (since 1 d 2 h ago)',
      `  $ kubectl -n istio-ingress patch gateways.networking.istio.io public --type=json -p '[{"op":"remove","path":"/spec/servers/0/tls/httpsRedirect"}]'`,
    ])
    t.ok(lines.includes('  docs/findings/P80-101.md'))
    const [first] = meshDay.findings ?? []
    const edit = { do: 'edit', yaml: 'certificates:\n  - domains: [a.example.com]' } as const
    const edited = first ? findingLines({ ...meshDay, findings: [{ ...first, fix: edit }] }, options) : []
    t.ok(edited.includes('      - domains: [a.example.com]'), 'as indented as it is to be written')
  },
)

t.test('many are cut, and said to be', async (t) => {
  const [first] = meshDay.findings ?? []
  const findings = Array.from({ length: 25 }, () => first!)
  const lines = findingLines({ ...meshDay, findings }, options)
  t.match(lines.at(-1), 'and 5 more findings')
  t.same(findingLines(goodDay, options), [])
})

t.test('the headline counts the errors', async (t) => {
  const text = renderStatusText(meshDay, { now, colour: false, width: 100 })
  t.match(text, /^port80 0\.1\.0: 3 of 5 certificates need attention, 3 errors found\n/)
})
