/**
 * Writes the documents that are derived from code (`npm run docs`): docs/failures.md, and docs/configuration.md from the
 * schema of the configuration, its example and the words below; and the README and the schema of the chart.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { knownIssuers } from '../src/config/known-issuers.ts'
import { settings, shapeAt, type Setting } from '../src/config/settings.ts'
import { chartDocuments, chartFiles } from './chart/readme.ts'
import { failuresDocument } from './failures-document.ts'

const target = join(import.meta.dirname, 'configuration.md')

const start = `<!-- Written by docs/generate.ts (npm run docs). Change the schema or that file, not this one. -->

# Configuration

One YAML file (JSON is YAML too), named with \`--config\`; without that, \`port80.yaml\` in the working directory where there is one. With no file at all port80 runs on its defaults: it redirects, and orders nothing.
The file is checked as a whole, and every fault is told at once, with its line, its path, what stands there and what to write instead:

\`\`\`text
$ port80 config validate --config port80.yaml
port80.yaml:8: certificates[0].domains[1]: "*.example.com" is a wildcard, which HTTP-01 cannot validate; list each name instead
port80.yaml:9: certificates[0].issuer: "letsencript" is no issuer; did you mean letsencrypt? Otherwise write one of letsencrypt-staging, letsencrypt, or add it to issuers
port80.yaml:12: redirect.status: 303 is no right value; write 301, 302 or 308
\`\`\`

\`port80 config schema\` prints the JSON Schema (2020-12) of the file. Editors with a YAML language server check and complete with it; see the first lines of the example.

## A complete example

Every setting, with its default where it has one. It is [docs/port80.example.yaml](port80.example.yaml).
`

const rules = `## Rules

- **Durations** are a whole number and a unit, \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`: \`90s\`, \`12h\`, \`30d\`. One and a half hours are \`90m\`.
- **Relative paths** start at the folder of the file, as it was named: a symbolic link is not followed for that. Without a file they start at the working directory.
- **Secrets** (\`hmacKey\`) are never shown, in no fault and no log. \`hmacKeyFile\` keeps them out of the file.
- **A key without a value** (\`certificates:\` and nothing below) is a fault, not an empty section: a file that was cut off ends like that.
- **YAML**: one document, version 1.2 (\`on\` and \`yes\` are text), anchors and merge keys (\`<<\`) are read, tags are not. A key that stands twice is a fault.
- **Names of issuers**: ISSUERS are known without a word in the file, and keep their directories; what the file says of them is added. A CA at another URL gets a name of its own.
- **http** directories are for a CA on this machine (localhost, names below it, 127.0.0.0/8, ::1); all others are https.
- **Limits that are known** are checked before the CA is bothered: 100 names in a certificate, 25 for the Let's Encrypt profiles tlsserver and shortlived; \`renewBefore\` shorter than the certificates of the profile live.
- **One of each**: certificate names are unique, a domain stands once in a certificate, and two certificates for the same names differ in issuer, profile or key type (an ECDSA and an RSA one for the same names are fine).
- **Ports**: public and admin listener differ, unless each has an address of its own. Port 0 takes a free one.
- **Destinations** are a folder each (\`directory\`) or a Secret (\`secret\`). Two certificates never go into one Secret.
- **A cluster** is only touched when the file says so: Secrets and \`store.kubernetes\` need that section or \`kubernetes: {}\`.
- **Folders for pairs** are not the folder of the store: a gateway reads the one, and account keys are in the other.
`

const changes = `## Changing the file while port80 runs

\`port80 serve\` watches the file. A change is noticed within a second where the file system tells of it, and within five seconds otherwise (symbolic links to elsewhere, network file systems); writing in place, renaming over it and the swap of a mounted ConfigMap are all noticed.

- A good change is applied as a whole. Settings of \`listeners\`, \`store\` and \`kubernetes\` are the exception: they take effect at the next start, the log names them, and everything else of the change is applied.
- A bad change, or a file that is gone, is refused. Its faults are in the log, in the metrics and on the status page, and the old configuration stays in force.
- A version is believed once two looks agree, and a bad one is looked at again half a second later, since it may just not be finished. Writing to another file and renaming it leaves no doubt.
- Files that the configuration names (\`caBundle\`, \`hmacKeyFile\`) are looked at too: while one is missing or is not what it should be, the configuration is refused. Commands from a laptop, beside a store in a cluster, do without them: only the worker talks to a CA.
`

/** The document as it is committed: formatted as everything else. A function of the example and of the schema. */
export async function configurationDocument(example: string): Promise<string> {
  const names = Object.keys(knownIssuers).map((name) => `\`${name}\``)
  const parts = [
    start,
    `\`\`\`yaml\n${example}\`\`\`\n`,
    rules.replace('ISSUERS', names.join(' and ')),
    changes,
    '## Settings\n',
    '`<name>` is a name of your choice, `[]` an entry of a list.\n',
    ...sections(),
    knownTable(),
  ]
  return format(parts.join('\n'), { ...(await resolveConfig(target)), parser: 'markdown' })
}

/** One table a section of the file, in the order of the schema. */
function sections(): string[] {
  const bySection = Map.groupBy(settings(), ({ path }) => /^\w+/.exec(path)?.[0] ?? '')
  return [...bySection].map(([name, rows]) => {
    const about = shapeAt([name])?.description ?? ''
    const head = '| Setting | Value | Default | Meaning |\n| --- | --- | --- | --- |'
    return `### ${name}\n\n${about}\n\n${head}\n${rows.map(tableRow).join('\n')}\n`
  })
}

function tableRow({ path, kind, description, default: fallback, required }: Setting): string {
  const cells = [`\`${path}\``, kind, required ? 'required' : defaultCell(fallback), description]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function defaultCell(fallback: unknown): string {
  if (fallback === undefined) return 'none'
  // The defaults of what is in it, which have rows of their own.
  if (typeof fallback === 'object' && !Array.isArray(fallback)) return 'an object'
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``
}

function knownTable(): string {
  const rows = Object.entries(knownIssuers).map(([name, { directory }]) => `| \`${name}\` | <${directory}> |`)
  return `## Known issuers\n\n| Name | Directory |\n| --- | --- |\n${rows.join('\n')}\n`
}

if (import.meta.main) {
  const example = readFileSync(join(import.meta.dirname, 'port80.example.yaml'), 'utf8')
  writeFileSync(target, await configurationDocument(example))
  writeFileSync(join(import.meta.dirname, 'failures.md'), await failuresDocument())
  const { readme, schema, dashboard } = await chartDocuments(readFileSync(chartFiles.values, 'utf8'))
  writeFileSync(chartFiles.readme, readme)
  writeFileSync(chartFiles.schema, schema)
  writeFileSync(chartFiles.dashboard, dashboard)
}
