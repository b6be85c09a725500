import t from 'tap'
import { wishOf, type Wish } from '../../src/certificate/request.ts'
import type { CertificateRecord, RequestRecord } from '../../src/state/records.ts'
import { attemptRecord, day, hour, now, record, request, storedPair } from './fixtures/builders.ts'

const asked = now - hour
const drop = (because: string): Wish => ({ do: 'drop', because })

const rows: readonly {
  readonly name: string
  readonly do: RequestRecord['do']
  readonly record?: CertificateRecord
  readonly reason?: number
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
    name: 'roll over',
    do: 'rollover',
    wish: drop('a key roll-over is asked of an account, not of a certificate'),
  },
]

t.test('what a request means now', async (t) => {
  for (const { name, do: act, record: known, reason, wish } of rows) {
    t.test(name, async (t) => {
      const written = request({
        do: act,
        at: asked,
        ...(reason !== undefined && { revocationReason: reason }),
      })
      t.same(wishOf(written, known ?? record()), wish)
    })
  }
})
