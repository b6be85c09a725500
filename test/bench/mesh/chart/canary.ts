/** The values of the canary: what of them is configured, and the way that they take through a NetworkPolicy. */
import t from 'tap'
import { parse } from 'yaml'
import { render, type Manifest, type Values } from './fixtures/helm.ts'

const off = 'off'
const usual = {}
const quick = { every: '1m' }

interface Row {
  readonly name: string
  readonly values: Values
  readonly canary: unknown
  /** The worker may ask port 80 of public addresses. */
  readonly out: boolean
}

const rows: readonly Row[] = [
  { name: 'as it comes', values: {}, canary: off, out: false },
  { name: 'enabled', values: { canary: { enabled: true } }, canary: usual, out: true },
  {
    name: 'enabled, and how often',
    values: { canary: { enabled: true, ...quick } },
    canary: quick,
    out: true,
  },
  { name: 'not enabled', values: { canary: { enabled: false } }, canary: off, out: false },
  { name: 'not enabled for now', values: { canary: { enabled: false, ...quick } }, canary: off, out: false },
  { name: 'as before: only how often', values: { canary: quick }, canary: quick, out: true },
  { name: 'as before: off', values: { canary: 'off' }, canary: off, out: false },
  {
    name: 'as before: what YAML 1.1 makes of off',
    values: { canary: false },
    canary: off,
    out: false,
  },
  { name: 'preflight alone goes the same way', values: { preflight: 'warn' }, canary: off, out: true },
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
