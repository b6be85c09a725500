import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { catalogue, findingCodes, type CatalogueEntry } from '../../src/finding/catalogue.ts'
import { pageOf } from '../../src/finding/finding.ts'
import { faultsOfPage, faultsOfTable, tableRows } from './fixtures/pages.ts'

const docs = new URL('../../docs/', import.meta.url)
const table = readFileSync(new URL('findings/README.md', docs), 'utf8')

await t.test('every code has a page, and every page a code', async (t) => {
  const pages = readdirSync(new URL('findings/', docs)).filter((name) => name !== 'README.md')
  t.strictSame(pages.toSorted(), findingCodes.map((code) => pageOf(code).replace('findings/', '')).toSorted())
})

await t.test('the table has every code once, in the words of the catalogue', async (t) => {
  t.strictSame(faultsOfTable(table, catalogue), [])
})

for (const code of findingCodes) {
  await t.test(`the page of ${code} is in the words of the catalogue and has every part`, async (t) => {
    const page = readFileSync(new URL(pageOf(code), docs), 'utf8')
    t.strictSame(faultsOfPage(page, code, catalogue[code]), [])
  })
}

const entry: CatalogueEntry = { severity: 'error', title: 'door is shut', why: 'Nobody comes in.' }
const good =
  '# P80-900: door is shut\n\nSeverity: error\n\nNobody comes in.\n\n' +
  '## What was seen\n\n```text\nshut\n```\n\n## How to mend it\n\nOpen it.\n\n```sh\nkubectl get door\n```\n\n' +
  '## Broken\n\n```yaml\nshut: true\n```\n\n## Mended\n\n```yaml\nshut: false\n```\n\n## How port80 knows\n\nIt looks.\n'
const row = '| [P80-900](P80-900.md) | error | door is shut | Nobody comes in. |'

const pageRows: readonly { name: string; page: string; faults: readonly string[] }[] = [
  { name: 'a good page has no fault', page: good, faults: [] },
  {
    name: 'another title is seen',
    page: good.replace('door', 'gate'),
    faults: ['heading is not "# P80-900: door is shut"'],
  },
  {
    name: 'another severity is seen',
    page: good.replace(': error', ': note'),
    faults: ['severity is not error'],
  },
  { name: 'another why is seen', page: good.replace('Nobody', 'Somebody'), faults: ['why differs'] },
  {
    name: 'a part without an example is seen',
    page: good.replace('```yaml\nshut: false\n```\n', ''),
    faults: ['Mended has no example'],
  },
  {
    name: 'a part that is not there is seen',
    page: good.replace('## How port80 knows\n\nIt looks.\n', ''),
    faults: ['How port80 knows is missing'],
  },
  {
    name: 'an example that is mended by nothing is seen',
    page: good.replace('shut: false', 'shut: true'),
    faults: ['Broken and Mended are the same'],
  },
]
for (const { name, page, faults } of pageRows) {
  await t.test(name, async (t) => {
    t.strictSame(faultsOfPage(page, 'P80-900', entry), faults)
  })
}

const known = { 'P80-900': entry }
const tables: readonly { name: string; text: string; faults: readonly string[] }[] = [
  { name: 'a good table has no fault', text: row, faults: [] },
  { name: 'a row that is missing is seen', text: '', faults: ['P80-900 is missing'] },
  {
    name: 'a row without a code is seen',
    text: `${row}\n${row.replaceAll('900', '901')}`,
    faults: ['P80-901 is no code'],
  },
  { name: 'a row that is there twice is seen', text: `${row}\n${row}`, faults: ['P80-900 is there twice'] },
  { name: 'a row in other words is seen', text: row.replace('door', 'gate'), faults: ['P80-900 differs'] },
]
for (const { name, text, faults } of tables) {
  await t.test(`table: ${name}`, async (t) => {
    t.strictSame(faultsOfTable(text, known), faults)
  })
}

await t.test('a row is read whatever its padding', async (t) => {
  t.strictSame(tableRows(row.replaceAll(' |', '    |')), tableRows(row))
})
