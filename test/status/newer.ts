import t from 'tap'
import { z } from 'zod'
import { knownOf, onlyKnown } from '../../src/status/newer.ts'

const item = z.object({
  is: z.enum(['a', 'b']),
  text: z.string().max(5).exactOptional(),
  fix: z
    .discriminatedUnion('do', [z.object({ do: z.literal('run') }), z.object({ do: z.literal('act') })])
    .exactOptional(),
})
const list = knownOf(item, 3)

const rows: { name: string; value: unknown; read: unknown }[] = [
  { name: 'nothing', value: [], read: { known: [], unknown: 0 } },
  {
    name: 'known ones',
    value: [{ is: 'a' }, { is: 'b' }],
    read: { known: [{ is: 'a' }, { is: 'b' }], unknown: 0 },
  },
  {
    name: 'a word of a newer one',
    value: [{ is: 'c' }, { is: 'b' }],
    read: { known: [{ is: 'b' }], unknown: 1 },
  },
  { name: 'another kind of fix', value: [{ is: 'a', fix: { do: 'pray' } }], read: { known: [], unknown: 1 } },
  { name: 'a member more', value: [{ is: 'a', more: 1 }], read: { known: [{ is: 'a' }], unknown: 0 } },
]
for (const { name, value, read } of rows)
  t.test(name, async (t) => {
    t.same(list.parse(value), read)
  })

const rubbish: { name: string; value: unknown; path?: readonly PropertyKey[] }[] = [
  { name: 'no list', value: {} },
  { name: 'more than there is room for', value: [{ is: 'a' }, { is: 'a' }, { is: 'a' }, { is: 'a' }] },
  { name: 'an item that is no object', value: [{ is: 'a' }, 'a'], path: [1] },
  { name: 'a word that is no text', value: [{ is: 7 }], path: [0, 'is'] },
  { name: 'a word without end', value: [{ is: 'x'.repeat(101) }], path: [0, 'is'] },
  { name: 'a word that is lacking', value: [{}], path: [0, 'is'] },
  { name: 'a text without end', value: [{ is: 'a', text: 'x'.repeat(6) }], path: [0, 'text'] },
  { name: 'a newer word beside a fault', value: [{ is: 'c', text: 7 }], path: [0] },
]
for (const { name, value, path } of rubbish)
  t.test(`refused: ${name}`, async (t) => {
    const [issue] = list.safeParse(value).error?.issues ?? []
    t.ok(issue)
    t.same(issue?.path.slice(0, path?.length ?? 0), path ?? [])
  })

t.test('where nobody counts, the known ones are all', async (t) => {
  t.same(onlyKnown(item, 3).parse([{ is: 'c' }, { is: 'a' }]), [{ is: 'a' }])
})
