/** docs/state.md names every member of every record: it is where an operator looks before editing or restoring a file. */
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { z } from 'zod'
import { accountRecord, certificateRecord, holdsRecord, requestRecord } from '../../src/state/records.ts'
import { stateKinds } from '../../src/state/state-key.ts'

const text = await readFile(new URL('../../docs/state.md', import.meta.url), 'utf8')

function membersOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return [...own, ...Object.values(schema).flatMap(membersOf)]
}

for (const [name, record] of Object.entries({
  accountRecord,
  certificateRecord,
  holdsRecord,
  requestRecord,
})) {
  t.test(`every member of ${name} is told`, async (t) => {
    const members = membersOf(z.toJSONSchema(record))
    t.ok(members.length > 1)
    t.strictSame(
      members.filter((member) => !text.includes(`\`${member}\``)),
      [],
    )
  })
}

t.test('every folder of the store is told', async (t) => {
  for (const kind of stateKinds) t.match(text, `\`${kind}/`)
  for (const file of ['tokens/', 'leader.lock', 'leader.txt', 'write.lock']) t.match(text, `\`${file}`)
})
