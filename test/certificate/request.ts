import t from 'tap'
import { wishOf, type Wish } from '../../src/certificate/request.ts'
import type { CertificateRecord, RequestRecord } from '../../src/state/records.ts'
import { serialOf } from '../../src/certificate/certificate.ts'
import { attemptRecord, day, hour, now, record, request, storedPair } from './fixtures/builders.ts'
import { makePair } from './fixtures/pairs.ts'

/** Newest first; the newest came after the request, by an order that was under way. */
const pairs = [
  storedPair({ ...(await makePair()), issuedAt: now }),
  storedPair(await makePair()),
  storedPair(await makePair()),
] as const
const serials = [serialIn(pairs[0]), serialIn(pairs[1]), serialIn(pairs[2])] as const

function serialIn({ chainPem }: { chainPem: string }): string {
  return serialOf(chainPem) ?? 'none'
}

const asked = now - hour
const drop = (because: string): Wish => ({ do: 'drop', because })

const rows: readonly {
  readonly name: string
  readonly do: RequestRecord['do']
  readonly record?: CertificateRecord
  readonly reason?: number
  readonly serial?: string
  readonly wish: Wish
}[] = [
  { name: 'issue', do: 'issue', wish: { do: 'order', renew: false } },
  { name: 'renew', do: 'renew', wish: { do: 'order', renew: true } },
  {
    name: 'renew, while an attempt is running',
    do: 'renew',
    record: record({ attempts: [attemptRecord({ at: asked + 1 })] }),
    wish: { do: 'order', renew: true },
  },
  {
    name: 'renew, after attempts that ended before it',
    do: 'renew',
    record: record({ attempts: [attemptRecord({ outcome: 'issued', at: asked - day, endedAt: asked })] }),
    wish: { do: 'order', renew: true },
  },
  {
    name: 'renew, and a certificate was issued since (a crash left the request)',
    do: 'renew',
    record: record({ attempts: [attemptRecord({ outcome: 'issued', at: asked - 1, endedAt: asked + 1 })] }),
    wish: drop('it was carried out'),
  },
  {
    name: 'issue, and the attempt for it failed (a crash left the request)',
    do: 'issue',
    record: record({ attempts: [attemptRecord({ outcome: 'failed', at: asked + 1, endedAt: asked + 9 })] }),
    wish: drop('it was carried out'),
  },
  {
    name: 'revoke',
    do: 'revoke',
    record: record({ pairs: [storedPair()] }),
    wish: { do: 'revoke', revocationReason: 0 },
  },
  {
    name: 'revoke for a reason',
    do: 'revoke',
    reason: 1,
    record: record({ pairs: [storedPair(), storedPair({ revokedAt: now })] }),
    wish: { do: 'revoke', revocationReason: 1 },
  },
  { name: 'revoke, and there is no pair', do: 'revoke', wish: drop('there is no certificate to revoke') },
  {
    name: 'revoke, and it is revoked (a crash left the request)',
    do: 'revoke',
    record: record({ pairs: [storedPair({ revokedAt: now })] }),
    wish: drop('the certificate is revoked'),
  },
  {
    name: 'revoke without a serial, and another certificate has come since',
    do: 'revoke',
    record: record({ pairs: [storedPair({ issuedAt: asked + 1 }), storedPair()] }),
    wish: drop('another certificate has come since it was asked for'),
  },
  {
    name: 'revoke what is the newest',
    do: 'revoke',
    serial: serials[0],
    record: record({ pairs: [...pairs] }),
    wish: { do: 'revoke', revocationReason: 0, serial: serials[0] },
  },
  {
    name: 'revoke what was the newest when it was asked for',
    do: 'revoke',
    serial: serials[2],
    reason: 1,
    record: record({ pairs: [...pairs] }),
    wish: { do: 'revoke', revocationReason: 1, serial: serials[2] },
  },
  {
    name: 'revoke what is revoked, though newer ones are not',
    do: 'revoke',
    serial: serials[1],
    record: record({ pairs: [pairs[0], { ...pairs[1], revokedAt: now }] }),
    wish: drop('the certificate is revoked'),
  },
  {
    name: 'revoke what is no longer kept',
    do: 'revoke',
    serial: serials[2],
    record: record({ pairs: pairs.slice(0, 2) }),
    wish: drop(`the certificate with serial ${serials[2]} is not among those that are kept any more`),
  },
  {
    name: 'roll over',
    do: 'rollover',
    wish: drop('a key roll-over is asked of an account, not of a certificate'),
  },
]

t.test('what a request means now', async (t) => {
  for (const { name, do: act, record: known, reason, serial, wish } of rows) {
    t.test(name, async (t) => {
      const written = request({
        do: act,
        at: asked,
        ...(reason !== undefined && { revocationReason: reason }),
        ...(serial !== undefined && { serial }),
      })
      t.same(wishOf(written, known ?? record()), wish)
    })
  }
})
