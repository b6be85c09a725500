/** `port80 lint` on files, folders and stdin: each row in this process, and two as processes of their own. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { run, type Ran } from './fixtures/run.ts'

const entry = join(import.meta.dirname, '../../src/cli.ts')
const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: public
  namespace: edge
spec:
  selector: {istio: ingressgateway}
  servers:
    - port: {number: 443, name: https, protocol: HTTPS}
      hosts: [book.example.com]
      tls: {mode: SIMPLE, credentialName: book}
`
const secret = `apiVersion: v1
kind: Secret
metadata: {name: book, namespace: edge}
stringData: {tls.key: very private}
`
const config = `certificates:
  - name: book
    domains: [book.example.com]
    destinations: [{secret: {gateway: {namespaces: [edge], selector: {istio: ingressgateway}}}}]
store: {kubernetes: {namespace: port80}}
`

const folder = t.testdir({
  'gateway.yaml': gateway,
  'secret.yaml': secret,
  'port80.config': config,
  'broken.yaml': `${gateway}---\nkind: [\n`,
  'latin.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe9]),
  chart: { 'values.yaml': 'replicas: 1\n', '.git': { 'x.yaml': 'a: [' }, sub: { 'gateway.yml': gateway } },
  empty: {},
  mixed: { 'gateway.yaml': gateway, 'latin.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe9]) },
})

// The files are named as a user names those of the folder he works in.
process.chdir(folder)
const lint = (args: readonly string[], input = '') => run(['lint', ...args], { input })

interface Row {
  readonly name: string
  readonly args: readonly string[]
  readonly input?: string
  readonly code: number
  readonly out?: RegExp
  readonly err?: RegExp
}
const rows: readonly Row[] = [
  {
    name: 'a file, and a Secret whose value is nowhere',
    args: ['gateway.yaml', 'secret.yaml', '-c', 'port80.config'],
    code: 0,
    out: /^0 errors, 0 warnings, 0 notes in 2 objects\n$/,
    err: /^$/,
  },
  { name: 'stdin', args: ['-', '-c', 'port80.config'], input: gateway, code: 0, out: /in 1 object\n$/ },
  {
    name: 'a folder with what is below it, but nothing hidden',
    args: ['chart', '-c', 'port80.config'],
    code: 0,
    out: /in 1 object\n$/,
    err: /^port80: chart\/values\.yaml:1: no object of Kubernetes.*\n$/,
  },
  {
    name: 'a broken document beside a good one',
    args: ['broken.yaml', '-c', 'port80.config'],
    code: 0,
    out: /in 1 object\n$/,
    err: /^port80: broken\.yaml:14: left out: not YAML/,
  },
  {
    name: 'a file that is not there',
    args: ['nix.yaml', 'gateway.yaml'],
    code: 4,
    err: /nix\.yaml does not exist/,
  },
  { name: 'a file that is no text', args: ['latin.yaml'], code: 4, err: /latin\.yaml is not UTF-8/ },
  {
    name: 'one of a folder that is no text is a remark',
    args: ['mixed', '-c', 'port80.config'],
    code: 0,
    out: /in 1 object\n$/,
    err: /^port80: mixed\/latin\.yaml is left out: it is not UTF-8/,
  },
  { name: 'an empty folder', args: ['empty'], code: 4, err: /empty has no \.yaml/ },
  { name: 'nothing on stdin', args: ['-'], code: 4, err: /nothing to look at/ },
  {
    name: 'a severity that is none',
    args: ['-', '--fail-on', 'fatal'],
    code: 2,
    err: /one of error, warning, note/,
  },
  { name: 'a namespace for a cluster', args: ['-n', 'edge'], code: 2, err: /looked at as a whole/ },
  { name: 'two formats', args: ['-', '--json', '--sarif'], code: 2, err: /choose one/ },
  {
    name: 'a configuration that is none',
    args: ['-', '-c', 'gateway.yaml'],
    code: 3,
    err: /gateway\.yaml:1: apiVersion/,
  },
  {
    name: 'without a configuration, what is taken for managed is said',
    args: ['gateway.yaml'],
    code: 0,
    err: /no host is known to be managed: name the configuration with --config FILE/,
  },
]
for (const { name, args, input, code, out = /^/, err = /^/ } of rows) {
  t.test(name, async (t) => {
    const ran = await lint(args, input)
    t.match(ran, { out, err })
    t.equal(ran.code, code)
    t.notMatch(ran.out + ran.err, /very private/)
  })
}

t.test('as JSON: findings, remarks and how much was read', async (t) => {
  const { code, out } = await lint(['broken.yaml', '--json', '-c', 'port80.config'])
  t.equal(code, 0)
  t.match(JSON.parse(out), { findings: [], remarks: [/^broken\.yaml:14: /], objects: 1 })
})

t.test('as SARIF', async (t) => {
  const { code, out } = await lint(['gateway.yaml', '--sarif', '-c', 'port80.config'])
  t.equal(code, 0)
  const results: unknown[] = []
  t.match(JSON.parse(out), { version: '2.1.0', runs: [{ tool: { driver: { name: 'port80' } }, results }] })
})

const processes = [
  { args: ['-', '-c', 'port80.config'], input: gateway, want: { code: 0, out: /in 1 object\n$/, err: /^$/ } },
  {
    args: ['nix.yaml'],
    input: '',
    want: { code: 4, out: /in 0 objects\n$/, err: /nix\.yaml does not exist/ },
  },
]
for (const { args, input, want } of processes) {
  t.test(`as a process of its own: the streams and the exit code of ${args[0]}`, async (t) => {
    const ran = await new Promise<Ran>((resolve) => {
      const child = execFile(process.execPath, [entry, 'lint', ...args], (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      )
      child.stdin?.end(input)
    })
    t.match(ran, want)
  })
}
