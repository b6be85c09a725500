import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { configurationDocument } from '../../docs/generate.ts'
import { formatFaults } from '../../src/config/fault.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { settings } from '../../src/config/settings.ts'

const docs = join(import.meta.dirname, '../../docs')
const committed = readFileSync(join(docs, 'configuration.md'), 'utf8')
const example = readFileSync(join(docs, 'port80.example.yaml'), 'utf8')

t.test('docs/configuration.md is what `npm run docs` writes', async (t) => {
  t.equal(committed, await configurationDocument(example))
})

t.test('every setting has its row', (t) => {
  for (const { path } of settings()) t.match(committed, `| \`${path}\``)
  t.end()
})

t.test('the faults that it shows are what the program says', (t) => {
  const yaml = [
    ...['issuers: {}', '', '', '', 'certificates:', '  - name: book', '    domains:'],
    ...[
      "      [book.example.com, '*.example.com']",
      '    issuer: letsencript',
      '',
      'redirect:',
      '  status: 303',
    ],
  ]
  const parsed = parseConfig(yaml.join('\n'))
  const said = 'faults' in parsed ? formatFaults(parsed.faults, 'port80.yaml').split('\n') : []
  t.equal(said.length, 3)
  for (const line of said) t.match(committed, `\n${line}\n`)
  t.end()
})
