/** docs/state.md names every member of every record: it is where an operator looks before editing or restoring a file. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { challengeObjectName } from '../../src/kube/challenge-object.ts'
import { eventName } from '../../src/kube/events-object.ts'
import { fieldManager, managedBy, pairAnnotations } from '../../src/kube/names.ts'
import { publishedName } from '../../src/kube/published-object.ts'
import { secretNameOf } from '../../src/kube/state-secret.ts'
import { chainKey, privateKey } from '../../src/kube/tls-secret.ts'
import {
  accountRecord,
  budgetRecord,
  certificateRecord,
  holdsRecord,
  requestRecord,
} from '../../src/state/records.ts'
import { stateKinds } from '../../src/state/state-key.ts'
import { trafficRecord } from '../../src/state/traffic-record.ts'

const text = await readFile(new URL('../../docs/state.md', import.meta.url), 'utf8')

function membersOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return [...own, ...Object.values(schema).flatMap(membersOf)]
}

for (const [name, record] of Object.entries({
  accountRecord,
  budgetRecord,
  certificateRecord,
  holdsRecord,
  requestRecord,
  trafficRecord,
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

const source = join(import.meta.dirname, '../../src')

/** Files of src whose text has that, as `kube/lease.ts`. */
async function filesWith(pattern: RegExp): Promise<string[]> {
  const names = (await readdir(source, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(names.map((name) => readFile(join(source, name), 'utf8')))
  return names.filter((_name, index) => pattern.test(texts[index] ?? '')).sort()
}

/** First cells of the table in that section. */
function listed(heading: string): string[] {
  const section = text.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => (line.split('|')[1] ?? '').trim())
}

/** Every file that writes through the API, and what the document calls what it writes. */
const objects: Readonly<Record<string, string>> = {
  'kube/challenge-store.ts': 'ConfigMap `port80-challenge-HASH`',
  'kube/events.ts': '[Event](#events) `NAME.port80-HASH`, beside its object',
  'kube/lease-term.ts': 'Lease `port80-worker`',
  'kube/lease.ts': 'Lease `port80-worker`',
  'kube/published-status.ts': 'ConfigMap `port80-status`',
  'kube/secret-destination.ts': 'Secret of `destinations[].secret`, in each gateway namespace',
  'kube/state-store.ts':
    'Secret `port80-account-…`, `-budget-…`, `-certificate-…`, `-holds-…`, `-request-…`, `-traffic-redirects`',
}

t.test('every object that is written in a cluster is told, and no other', async (t) => {
  t.strictSame(
    await filesWith(/client\s*\.(create|replace|merge|apply|remove)\(/),
    Object.keys(objects).sort(),
  )
  t.strictSame(listed('In a cluster').sort(), [...new Set(Object.values(objects))].sort())
})

t.test('objects are called in the cluster what the document calls them', async (t) => {
  t.match(challengeObjectName('token'), /^port80-challenge-[0-9a-f]{40}$/)
  t.strictSame(
    stateKinds.map((kind) => secretNameOf({ kind, name: 'book' })),
    [
      'port80-account-book',
      'port80-budget-book',
      'port80-certificate-book',
      'port80-holds-book',
      'port80-request-book',
      'port80-traffic-book',
    ],
  )
  t.equal(publishedName, 'port80-status')
  const secret = { apiVersion: 'v1', kind: 'Secret', namespace: 'gateways', name: 'book' }
  t.match(eventName(secret, 'Issued'), /^book\.port80-[0-9a-f]{16}$/)
  t.match(text, `\`${managedBy}: port80\``)
  t.match(text, `under the field manager \`${fieldManager}\``)
})

t.test('what a Secret holds is told', async (t) => {
  for (const name of [chainKey, privateKey]) t.match(text, `\`${name}\``)
  t.strictSame(
    listed('What a Secret says').sort(),
    Object.values(pairAnnotations)
      .map((name) => `\`${name}\``)
      .sort(),
  )
})

t.test('every file that writes to a disk is one whose folder is told', async (t) => {
  const writers = await filesWith(
    /disk\/(atomic-write|kernel-lock)\.ts'|import \{[^}]*\b(writeFile|rename|link|symlink)\b[^}]*\} from 'node:fs/,
  )
  t.strictSame(writers, [
    'challenge/token-folder.ts', // tokens/
    'destination/certificate-folder.ts', // destinations
    'disk/atomic-write.ts', // for the others
    'state/directory-lock.ts', // leader.lock, leader.txt
    'state/directory-store.ts', // account/, certificate/, holds/, request/, traffic/
    'state/write-turn.ts', // write.lock
  ])
})
