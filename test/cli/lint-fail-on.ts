/** The exit code of `port80 lint` by what was found and `--fail-on`. */
import { join } from 'node:path'
import t from 'tap'
import { day } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'
import { apiGateway, httpRoute } from '../lint/fixtures/gateway-api.ts'
import { pairData, secretYaml } from '../lint/fixtures/judged.ts'
import { gateway, plain, secure } from '../lint/fixtures/linted.ts'
import { run } from './fixtures/run.ts'

const host = 'hello.example.com'
const config = `certificates:
  - name: hello
    domains: [${host}]
    destinations: [{ secret: { takeOver: true, gateway: { namespaces: [edge], selector: { istio: ingressgateway } } } }]
store: { kubernetes: { namespace: port80 } }
`
const today = Date.now()
const certificate = async (notAfter: number) => {
  const names = [host]
  const pair = await makePair({ names, notBefore: today - 100 * day, notAfter })
  return secretYaml(pairData(pair), { name: 'hello' })
}
const web = gateway('edge/web', secure(host))
const listener = apiGateway('{ name: http, port: 80, protocol: HTTP }')
const redirect = httpRoute(
  'edge/redirect',
  `hostnames: [${host}], parentRefs: [{ name: public }], rules: [{ filters: [{ type: RequestRedirect, requestRedirect: { scheme: https } }] }]`,
)

/** What makes one finding of each severity, and of none. */
const parts = {
  error: gateway('shop/old', plain(host, ', tls: { httpsRedirect: true }')),
  warning: `${web}---\n${await certificate(today - day)}\n`,
  note: listener + redirect,
  nothing: `${web}---\n${await certificate(today + 60 * day)}\n`,
}
type Part = keyof typeof parts

const folder = t.testdir({
  'port80.config': config,
  ...Object.fromEntries(Object.entries(parts).map(([name, text]) => [`${name}.yaml`, text])),
})

const lint = (files: readonly string[], ...flags: string[]) =>
  run(['lint', ...files.map((name) => join(folder, name)), ...flags, '-c', join(folder, 'port80.config')])

const usual = 'left out'
const counts = {
  'P80-101': '1 error, 0 warnings, 0 notes',
  'P80-205': '0 errors, 1 warning, 0 notes',
  'P80-106': '0 errors, 0 warnings, 1 note',
} as const

const rows: readonly {
  readonly found: readonly Part[]
  readonly code?: keyof typeof counts
  /** The exit code by the value of --fail-on. */
  readonly exits: Readonly<Record<'error' | 'warning' | 'note' | typeof usual, 0 | 1>>
}[] = [
  { found: ['error'], code: 'P80-101', exits: { [usual]: 1, error: 1, warning: 1, note: 1 } },
  { found: ['warning'], code: 'P80-205', exits: { [usual]: 1, error: 0, warning: 1, note: 1 } },
  { found: ['note'], code: 'P80-106', exits: { [usual]: 0, error: 0, warning: 0, note: 1 } },
  { found: ['nothing'], exits: { [usual]: 0, error: 0, warning: 0, note: 0 } },
  { found: ['note', 'warning'], exits: { [usual]: 1, error: 0, warning: 1, note: 1 } },
  { found: ['note', 'error'], exits: { [usual]: 1, error: 1, warning: 1, note: 1 } },
]

for (const { found, code, exits } of rows) {
  for (const [failOn, exit] of Object.entries(exits)) {
    t.test(`${found.join(' and ')}, --fail-on ${failOn}: ${exit}`, async (t) => {
      const paths = found.map((part) => `${part}.yaml`)
      const ran = await lint(paths, ...(failOn === usual ? [] : ['--fail-on', failOn]))
      t.equal(ran.code, exit, ran.out)
      if (found.length > 1) return
      const wanted = code ? `${counts[code]} in` : '0 errors, 0 warnings, 0 notes in'
      t.ok(ran.out.includes(wanted), ran.out)
      if (code) t.ok(ran.out.includes(code))
    })
  }
}

t.test('the format has no say in it', async (t) => {
  for (const format of ['--json', '--sarif']) {
    t.equal((await lint(['warning.yaml'], format)).code, 1, format)
    t.equal((await lint(['warning.yaml'], format, '--fail-on', 'error')).code, 0, format)
  }
})
