import t from 'tap'
import type { ServedStatus } from '../../src/finding/reported.ts'
import { renderServed } from '../../src/status/served.ts'
import { textOf } from './fixtures/markup.ts'

const now = Date.parse('2026-11-25T12:00:00Z')
const look: ServedStatus = {
  ...{ certificate: 'book', host: 'book.example.com', pod: 'edge/a', matches: false, checkedAt: now },
}

const rows: readonly (readonly [name: string, shown: Partial<ServedStatus>, told: RegExp])[] = [
  ['what is stored', { serial: '0A', matches: true }, /✓ ?what is stored/],
  ['another one', { serial: '0B' }, /✕ ?another certificate than is stored/],
  ['the gateway ends it', { fault: 'no handshake' }, /✕ ?nothing is served: no handshake/],
  ['nobody answers', { fault: 'silent' }, /\? ?what it serves is not known: silent/],
  ['a closed port', { fault: 'refused' }, /\? ?what it serves is not known: refused/],
  ['a sidecar', { fault: 'ended on the way' }, /\? ?what it serves is not known: ended on the way/],
]

for (const [name, shown, told] of rows)
  t.test(name, async (t) => {
    t.match(textOf(renderServed([{ ...look, ...shown }], now)?.markup ?? ''), told)
  })

t.test('without a look there is no table', async (t) => {
  t.equal(renderServed([], now), undefined)
})
