import t from 'tap'
import { serialOf } from '../../src/certificate/certificate.ts'
import { issuance, revocation } from '../../src/cli/outcome.ts'
import { attemptRecord, failure, hour, now, record, storedPair } from '../certificate/fixtures/builders.ts'
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

t.test('what became of a wish to issue or renew', async (t) => {
  const issued = attemptRecord({ outcome: 'issued', at: now, endedAt: now + 1 })
  const failed = attemptRecord({ outcome: 'failed', at: now, endedAt: now + 1, failure: failure() })
  const old = attemptRecord({ outcome: 'issued', at: now - hour, endedAt: now - hour })
  const rows = [
    {
      name: 'an order ended since',
      record: record({ pairs: [older], attempts: [issued] }),
      outcome: { ok: true, text: `book: issued, serial ${serial}, valid until ` },
    },
    {
      name: 'it failed',
      record: record({ pairs: [older], attempts: [failed] }),
      outcome: { ok: false, text: `book: ${failure().reason}: `, reason: failure().reason },
    },
    {
      name: 'nothing was due',
      record: record({ pairs: [older], attempts: [old] }),
      outcome: { ok: true, text: `book: up to date, serial ${serial}` },
    },
    {
      name: 'nothing was ordered',
      record: record({ attempts: [old] }),
      outcome: { ok: false, text: 'book: nothing was issued; port80 status says why' },
    },
    {
      name: 'nothing was renewed',
      record: record({ pairs: [older], attempts: [old] }),
      renewing: serial,
      outcome: { ok: false, text: 'book: nothing was issued; port80 status says why', serial },
    },
    {
      name: 'renewed by a worker whose clock is behind',
      record: record({ pairs: [newest, older], attempts: [old] }),
      renewing: serial,
      outcome: { ok: true, text: 'book: up to date, serial ' },
    },
  ]
  for (const { name, record: known, renewing, outcome } of rows) {
    t.test(name, async (t) => {
      const about = { since: now, now, ...(renewing !== undefined && { serial: renewing }) }
      const { ok, text, ...facts } = issuance('book', known, about)
      t.equal(ok, outcome.ok)
      t.ok(text.startsWith(outcome.text), text)
      const { ok: _, text: __, ...wanted } = { ...outcome }
      t.match(facts, wanted)
    })
  }
})
