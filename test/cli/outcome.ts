import t from 'tap'
import { serialOf } from '../../src/certificate/certificate.ts'
import { revocation } from '../../src/cli/outcome.ts'
import { now, record, storedPair } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'

const [newest, older] = [storedPair(await makePair()), storedPair(await makePair())]
const serial = serialOf(older.chainPem)

t.test('what became of a revocation', async (t) => {
  const rows = [
    {
      name: 'the newest is revoked',
      record: record({ pairs: [{ ...older, revokedAt: now }] }),
      outcome: { ok: true, text: `book: serial ${serial} is revoked; a new certificate is ordered`, serial },
    },
    {
      name: 'an older one is revoked',
      record: record({ pairs: [newest, { ...older, revokedAt: now }] }),
      outcome: {
        ok: true,
        text: `book: serial ${serial} is revoked; a newer one is in use already`,
        serial,
      },
    },
    {
      name: 'it is there and not revoked, though another one is',
      record: record({ pairs: [{ ...newest, revokedAt: now }, older] }),
      outcome: { ok: false, text: 'book: nothing was revoked; the log of the worker says why' },
    },
    {
      name: 'it is not there any more',
      record: record({ pairs: [newest] }),
      outcome: { ok: false, text: `book: serial ${serial} is not kept here any more`, serial },
    },
  ]
  for (const { name, record: known, outcome } of rows) {
    t.test(name, async (t) => t.same(revocation('book', known, serial), outcome))
  }
})
