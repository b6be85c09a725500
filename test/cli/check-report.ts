import t from 'tap'
import { checkJson, checkText, verdictOf, type Checked } from '../../src/cli/check-report.ts'
import { findingsOf } from '../../src/reach/preflight.ts'
import { findingOf, host, lookOf } from '../reach/fixtures/looks.ts'

const outside = { leg: 'outside', at: '192.0.2.1' } as const
const nothing: Checked = {
  hosts: [host],
  legs: [],
  redirects: [],
  served: [],
  findings: [],
  late: [],
  tookMs: 7,
}
const redirect = { host, ok: true, seen: '301 to https' }
const other = findingOf('P80-401', { object: { kind: 'Host', name: host } })

/** Findings are those of the legs, as the command gathers them. */
const checked = (parts: Partial<Checked>): Checked => ({
  ...nothing,
  ...parts,
  findings: findingsOf([...(parts.legs ?? []), ...(parts.served ?? [])]),
})

interface Row {
  readonly name: string
  readonly parts: Partial<Checked>
  /** Of the text, without those of findings. */
  readonly lines: readonly string[]
  readonly well: boolean
}

const rows: readonly Row[] = [
  {
    name: 'all is well, and which replica answered',
    parts: {
      legs: [lookOf(undefined, { replica: 'responder-1' }), lookOf(undefined, outside)],
      redirects: [redirect],
      served: [{ host, at: 'istio-system/gateway-1', ok: true, seen: 'serves serial 0A' }],
    },
    lines: [
      host,
      '  ok  inside    istio-system/gateway-1: answers with our token (responder-1)',
      '  ok  outside   192.0.2.1: answers with our token',
      '  ok  redirect  301 to https',
      '  ok  https     istio-system/gateway-1: serves serial 0A',
    ],
    well: true,
  },
  {
    name: 'an error on one leg',
    parts: { legs: [lookOf('P80-303')] },
    lines: [host, '  NO  inside    istio-system/gateway-1: P80-303 challenge is redirected'],
    well: false,
  },
  {
    name: 'a warning is marked and fails nothing',
    parts: { legs: [lookOf('P80-312', outside)] },
    lines: [host, '  ?   outside   192.0.2.1: P80-312 only the outside leg fails from inside'],
    well: true,
  },
  {
    name: 'a leg that cannot be judged fails nothing',
    parts: { legs: [lookOf(undefined, { unjudged: 'the pod cannot be reached from here' })] },
    lines: [host, '  ?   inside    istio-system/gateway-1: not judged, the pod cannot be reached from here'],
    well: true,
  },
  {
    name: 'a name without addresses stands once',
    parts: { legs: [lookOf('P80-310', { leg: 'outside', at: host })] },
    lines: [host, '  NO  outside   P80-310 name does not resolve'],
    well: false,
  },
  {
    name: 'another certificate is served',
    parts: { served: [{ host, at: host, ok: false, seen: 'serves another', finding: other }] },
    lines: [host, `  NO  https     ${host}: serves another`],
    well: false,
  },
  {
    name: 'an application in place of the redirect fails nothing',
    parts: { redirects: [{ host, ok: false, seen: '200, no redirect' }] },
    lines: [host, '  NO  redirect  200, no redirect'],
    well: true,
  },
  {
    name: 'a redirect that nobody was asked for',
    parts: { redirects: [{ host, seen: 'not asked' }] },
    lines: [host, '  ?   redirect  not asked'],
    well: true,
  },
  {
    name: 'each host with its own lines',
    parts: {
      hosts: [host, 'shop.example.com'],
      legs: [lookOf(), lookOf('P80-303', { host: 'shop.example.com' })],
    },
    lines: [
      host,
      '  ok  inside    istio-system/gateway-1: answers with our token',
      'shop.example.com',
      '  NO  inside    istio-system/gateway-1: P80-303 challenge is redirected',
    ],
    well: false,
  },
]

/** A title, what was seen, one line to mend it, the page. */
const findingLineCount = ({ findings }: Checked) => 4 * findings.length

for (const { name, parts, lines, well } of rows) {
  t.test(name, async (t) => {
    const all = checked(parts)
    const text = checkText(all).split('\n')
    const ofHosts = text.slice(0, text.length - findingLineCount(all) - 1).filter((line) => line !== '')
    t.same(ofHosts, lines)
    t.equal(verdictOf(all), well ? 'well' : 'bad')
    t.match(checkJson(all), { hosts: all.hosts, ok: well, findings: all.findings })
  })
}

t.test('a finding says where, what was seen, and what mends it, in lines that can be copied', async (t) => {
  const seen = { code: 'P80-303', ...outside } as const
  const text = (differs: Parameters<typeof findingOf>[1]) =>
    checkText({ ...nothing, findings: [findingOf(seen.code, differs)] })
  const head = ['error P80-303 challenge is redirected', '  Gateway istio-system/public: 301 by Envoy']
  const page = '  docs/findings/P80-303.md'
  t.match(text({}), [...head, '  $ kubectl -n istio-system patch gateway public', page].join('\n'))
  t.match(
    text({ fix: { do: 'edit', yaml: 'a:\n  b: 1' } }),
    [...head, '  fix:', '    a:', '      b: 1', page].join('\n'),
  )
  t.match(text({ fix: { do: 'act', words: 'ask' } }), [...head, '  fix: ask', page].join('\n'))
})

t.test('as JSON a leg names the code, and the finding stands once', async (t) => {
  const legs = [
    lookOf('P80-303'),
    lookOf('P80-303', { at: 'istio-system/gateway-2' }),
    lookOf(undefined, { ...outside, replica: 'responder-1' }),
    lookOf(undefined, { unjudged: 'from here' }),
  ]
  const served = [
    { host, at: host, ok: false, seen: 'another', finding: other },
    { host, at: host, seen: 'not judged' },
  ]
  const at = 'istio-system/gateway-1'
  t.strictSame(JSON.parse(JSON.stringify(checkJson(checked({ legs, served, redirects: [redirect] })))), {
    hosts: [host],
    ok: false,
    findings: [findingOf('P80-303'), other],
    legs: [
      { host, leg: 'inside', at, ok: false, code: 'P80-303' },
      { host, leg: 'inside', at: 'istio-system/gateway-2', ok: false, code: 'P80-303' },
      { host, ...outside, replica: 'responder-1', ok: true },
      { host, leg: 'inside', at, unjudged: 'from here' },
    ],
    redirects: [redirect],
    served: [
      { host, at: host, ok: false, seen: 'another', code: 'P80-401' },
      { host, at: host, seen: 'not judged' },
    ],
    tookMs: 7,
  })
})

t.test('what was not known in time is not well, and an error is worse', async (t) => {
  const late = { ...nothing, late: [host] }
  t.equal(verdictOf(late), 'late')
  t.equal(verdictOf({ ...late, findings: [other] }), 'bad')
  t.match(checkText(late), `${host}\n  ?   late      not everything was answered in time\n`)
  t.match(checkJson(late), { ok: false, late: [host] })
})

t.test('no text moves the cursor', async (t) => {
  const legs = [lookOf(undefined, { replica: '\u001b[2Jresponder' })]
  t.notMatch(checkText(checked({ legs })), /\u001b/)
})
