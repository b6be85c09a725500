/** Every variant: helm lint has nothing to say, kubeconform accepts every object, port80 accepts every configuration. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { formatFaults } from '../../../../src/config/fault.ts'
import { parseConfig } from '../../../../src/config/parse.ts'
import { installed } from '../../peers/install.ts'
import { lint, render } from './fixtures/helm.ts'
import { schemaFiles, writeSchemas } from './fixtures/schemas.ts'
import { variants } from './fixtures/variants.ts'

const run = promisify(execFile)
const folder = t.testdir({ schemas: {} })
await writeSchemas(join(folder, 'schemas'))
const kubeconform = (await installed('kubeconform')).path

interface Summary {
  readonly resources: readonly { kind: string; name: string; status: string; msg: string }[]
  readonly summary: {
    readonly valid: number
    readonly invalid: number
    readonly errors: number
    readonly skipped: number
  }
}

async function judged(text: string): Promise<Summary> {
  const file = join(folder, 'rendered.yaml')
  writeFileSync(file, text)
  const args = [
    '-strict',
    '-summary',
    '-output',
    'json',
    '-schema-location',
    join(folder, 'schemas', schemaFiles),
    file,
  ]
  const told = await run(kubeconform, args, { maxBuffer: 16 << 20 }).catch(
    (error: { stdout: string }) => error,
  )
  return JSON.parse(told.stdout) as Summary
}

for (const { name, values } of variants) {
  t.test(name, async (t) => {
    t.match(await lint(values), '1 chart(s) linted, 0 chart(s) failed')
    const { text, manifests, warnings } = await render(values)
    t.equal(warnings, '')
    const { resources, summary } = await judged(text)
    t.same(resources, [], 'kubeconform has nothing against it')
    t.equal(summary.valid, manifests.length)
    t.equal(summary.skipped + summary.errors + summary.invalid, 0)
    const configs = manifests.filter(({ kind, data }) => kind === 'ConfigMap' && data?.['port80.yaml'])
    t.equal(configs.length, 2)
    for (const { metadata, data } of configs) {
      const parsed = parseConfig(data?.['port80.yaml'] ?? '')
      t.equal('faults' in parsed ? formatFaults(parsed.faults, metadata.name) : '', '', metadata.name)
    }
    const names = manifests.map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
    )
    t.same([...new Set(names)], names, 'no object twice')
  })
}

t.test('an unknown field is seen: the schemas are strict', async (t) => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { porst: [] }\n'
  const gateway =
    'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: a }\nspec: { servres: [] }\n'
  for (const text of [service, gateway]) {
    const { summary } = await judged(text)
    t.equal(summary.invalid, 1)
  }
})

t.test('the examples are right, too', async (t) => {
  const examples = join(import.meta.dirname, '../../../../charts/port80/examples')
  for (const file of readdirSync(examples)) {
    const { resources, summary } = await judged(readFileSync(join(examples, file), 'utf8'))
    t.same(resources, [], file)
    t.ok(summary.valid > 0)
  }
})
