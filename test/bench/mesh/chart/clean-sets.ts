/** What is right has no finding: the chart with all its values, and each of Istio's samples beside it, read by `port80 lint`. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { inOrder, objectText } from '../../../../src/finding/finding.ts'
import { givenSettings } from '../../../../src/lint/config-maps.ts'
import { documentsIn } from '../../../../src/lint/documents.ts'
import { readObjects } from '../../../../src/lint/read-objects.ts'
import { rules } from '../../../../src/lint/rules/index.ts'
import { lint } from '../../../../src/lint/run.ts'
import { lintScope } from '../../../../src/lint/scope.ts'
import { installed } from '../../peers/install.ts'
import { render } from './fixtures/helm.ts'
import { judgedByOwnHosts } from './fixtures/own-hosts.ts'
import { variants } from './fixtures/variants.ts'

const cli = join(import.meta.dirname, '../../../../src/cli.ts')
const folder = t.testdir({ 'chart.yaml': '' })
const chart = join(folder, 'chart.yaml')

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** As an operator runs it, but that a note fails too. */
function ran(paths: readonly string[]): Promise<Ran> {
  const args = [cli, 'lint', ...paths, '--fail-on', 'note']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 16 << 20 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

const none = /^0 errors, 0 warnings, 0 notes in \d+ objects\n$/
/** A value of the kind of the chart, and one mistake in its mesh. */
const mistake = (host: string) => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: old, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [${host}], tls: { httpsRedirect: true } }]
`

for (const { name, values } of variants) {
  t.test(`the chart, ${name}: no finding`, async (t) => {
    writeFileSync(chart, (await render(values)).text)
    const { code, out, err } = await ran([chart])
    t.match(out, none, err)
    t.equal(code, 0)
  })
}

const walkThrough = variants.find(({ name }) => name === 'the walk-through')?.values ?? {}
const { text } = await render(walkThrough)

t.test('the chart beside one mistake: that is told, so that it is looked at', async (t) => {
  writeFileSync(chart, text + mistake('hello.example.com'))
  const { code, out } = await ran([chart])
  t.match(out, /^error P80-101: [^]*1 error, 0 warnings, 0 notes in \d+ objects\n$/)
  t.equal(code, 1)
})

/** What a file of Istio's is judged to be beside the chart; how many objects of it were read. */
function judged(file: string, more = ''): { readonly accused: readonly string[]; readonly objects: number } {
  const { found } = documentsIn(file, readFileSync(file, 'utf8'))
  const all = [...documentsIn('chart', text + more).found, ...found].map(({ object }) => object)
  const { objects } = readObjects(all)
  const sources = { objects, given: givenSettings(all), now: Date.now(), config: undefined }
  const { scope } = lintScope({ ...sources, whole: new Set() })
  const { findings, remarks } = lint(objects, scope, rules)
  const accused = inOrder(findings).map(({ code, object }) => `${code} ${objectText(object)}`)
  return { accused: [...accused, ...remarks], objects: found.length }
}

t.test("Istio's samples beside the chart: no finding", async (t) => {
  const samples = join((await installed('istio-module')).path, 'samples')
  const files = readdirSync(samples, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
  // One by one, since many of them are the same objects in another way.
  const read = files.map((file) => ({ file, ...judged(join(samples, file)) }))
  t.strictSame(
    read.filter(({ accused }) => accused.length > 0),
    [],
  )
  const withObjects = read.filter(({ objects }) => objects > 0)
  t.ok(withObjects.length > 100, `${withObjects.length} files have objects`)
  t.comment(`${withObjects.length} files, ${read.reduce((sum, { objects }) => sum + objects, 0)} objects`)
  const broken = judged(
    join(samples, 'bookinfo/networking/bookinfo-gateway.yaml'),
    mistake('hello.example.com'),
  )
  t.match(broken.accused, ['P80-101 Gateway shop/old spec.servers[0].tls.httpsRedirect'])
  writeFileSync(chart, text)
  const { code, out } = await ran([chart, relative(folder, samples)])
  t.match(out, none)
  t.equal(code, 0)
})

/** Each file by itself, and all files of a folder together, as they are applied. */
function ownHosts(folder: string) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
  const documents = new Map(
    files.map((file) => {
      const { found } = documentsIn(file, readFileSync(join(folder, file), 'utf8'))
      return [file, found.map(({ object }) => object)] as const
    }),
  )
  const together = Map.groupBy(files, (file) => dirname(file))
  const sets = [...files.map((file) => [file]), ...together.values()]
  return sets.map((set) => ({
    name: set.length === 1 ? set[0] : dirname(set[0] ?? ''),
    ...judgedByOwnHosts(set.flatMap((file) => documents.get(file) ?? [])),
  }))
}

t.test("Istio's samples, if their own hosts were managed: no finding", async (t) => {
  const sets = ownHosts(join((await installed('istio-module')).path, 'samples'))
  t.strictSame(
    sets.filter(({ accused }) => accused.length > 0),
    [],
  )
  const hosts = sets.reduce((sum, each) => sum + each.hosts, 0)
  t.ok(hosts > 20, `${hosts} hosts were judged`)
})

t.test("the Gateway API's examples, if their own hosts were managed: 302, and nothing else", async (t) => {
  const sets = ownHosts(join((await installed('gateway-api-module')).path, 'examples'))
  const field = 'spec.rules[0].filters[0].requestRedirect.statusCode'
  // What the Gateway API says where nothing is said: read, and found to be so.
  t.strictSame([...new Set(sets.flatMap(({ accused }) => accused))].sort(), [
    `P80-106 HTTPRoute default/tls-redirect ${field}`,
    `P80-106 HTTPRoute gateway-api-example-ns1/http-filter-1 ${field}`,
  ])
})
