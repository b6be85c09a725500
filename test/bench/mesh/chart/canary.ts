/** The values of preflight and canary: what of them is configured, and the way that they take through a NetworkPolicy. */
import t from 'tap'
import { parse } from 'yaml'
import { render, type Manifest, type Values } from './fixtures/helm.ts'

const domains = [{ hosts: ['book.example.com'], secretName: 'book' }]
const off = 'off'
const usual = { every: '5m' }
const quick = { every: '1m' }

interface Row {
  readonly name: string
  readonly values: Values
  readonly canary: unknown
  /** The worker may ask port 80 of public addresses. */
  readonly out: boolean
}

const rows: readonly Row[] = [
  { name: 'as it comes', values: { domains }, canary: usual, out: true },
  {
    name: 'with nothing to look through',
    values: { domains, selfCheck: { through: 'off' } },
    canary: usual,
    out: false,
  },
  {
    name: 'enabled, and how often',
    values: { canary: quick },
    canary: quick,
    out: true,
  },
  {
    name: 'not enabled: preflight goes the same way',
    values: { canary: { enabled: false } },
    canary: off,
    out: true,
  },
  {
    name: 'neither of the two',
    values: { canary: { enabled: false }, preflight: 'off' },
    canary: off,
    out: false,
  },
  {
    name: 'but of one issuer',
    values: { canary: { enabled: false }, preflight: 'off', issuers: { letsencrypt: { preflight: 'warn' } } },
    canary: off,
    out: true,
  },
  {
    name: 'not enabled for now',
    values: { canary: { enabled: false, ...quick }, preflight: 'off' },
    canary: off,
    out: false,
  },
  { name: 'as before: left empty', values: { canary: { enabled: '', every: '' } }, canary: {}, out: true },
  { name: 'as before: off', values: { canary: 'off', preflight: 'off' }, canary: off, out: false },
  {
    name: 'as before: what YAML 1.1 makes of off',
    values: { canary: false, preflight: false },
    canary: off,
    out: false,
  },
]

for (const { name, values, canary, out } of rows) {
  t.test(name, async (t) => {
    const { manifests, warnings } = await render({ ...values, networkPolicy: { enabled: true } })
    const worker = (kind: string) =>
      manifests.find((each) => each.kind === kind && each.metadata.name === 'port80-worker')
    const config = parse(worker('ConfigMap')?.data?.['port80.yaml'] ?? '') as { canary?: unknown }
    t.strictSame(config.canary, canary)
    t.equal(portsOut(worker('NetworkPolicy')).includes(80), out)
    t.equal(warnings, '', 'helm has nothing to say beside')
  })
}

/** To anywhere: rules without `to`. */
function portsOut(policy: Manifest | undefined): unknown[] {
  const { egress = [] } = (policy?.spec ?? {}) as {
    egress?: { to?: unknown; ports?: { port?: unknown }[] }[]
  }
  return egress.flatMap(({ to, ports = [] }) => (to === undefined ? ports.map(({ port }) => port) : []))
}
