/** What a request of the command line means for its certificate now: carried out, or dropped and why. Pure. */
import type { CertificateRecord, RequestRecord, StoredPair } from '../state/records.ts'
import { serialOf } from './certificate.ts'

export type Wish =
  | { readonly do: 'order'; readonly renew: boolean }
  | { readonly do: 'revoke'; readonly revocationReason: number; readonly serial?: string }
  | { readonly do: 'drop'; readonly because: string }

/**
 * `issue` and `renew` are fulfilled by the end of any attempt after them, also by its failure: what a crash left of such
 * a request is no wish for a second order. A revocation means the pair that was in use when it was asked for: an order
 * that was under way then may have put another one before it. It is fulfilled once that pair is revoked.
 */
export function wishOf(request: RequestRecord, record: CertificateRecord): Wish {
  switch (request.do) {
    case 'issue':
    case 'renew':
      return carriedOut(request, record)
        ? { do: 'drop', because: 'it was carried out' }
        : { do: 'order', renew: request.do === 'renew' }
    case 'revoke':
      return revocation(request, record)
    case 'rollover':
      return { do: 'drop', because: 'a key roll-over is asked of an account, not of a certificate' }
  }
}

function carriedOut(request: RequestRecord, record: CertificateRecord): boolean {
  return record.attempts.some(({ endedAt }) => endedAt !== undefined && endedAt > request.at)
}

function revocation(request: RequestRecord, record: CertificateRecord): Wish {
  const { serial } = request
  const pair = pairToRevoke(record, serial)
  if (!pair) return { do: 'drop', because: notThere(serial) }
  // Whoever names no serial meant what there was then (a request of an older port80, or written by hand).
  if (serial === undefined && pair.issuedAt > request.at)
    return { do: 'drop', because: 'another certificate has come since it was asked for' }
  if (pair.revokedAt !== undefined) return { do: 'drop', because: 'the certificate is revoked' }
  const wish = { do: 'revoke', revocationReason: request.revocationReason ?? 0 } as const
  return serial === undefined ? wish : { ...wish, serial }
}

function notThere(serial: string | undefined): string {
  return serial === undefined
    ? 'there is no certificate to revoke'
    : `the certificate with serial ${serial} is not among those that are kept any more`
}

/** The kept pair with this serial; without one, the newest. */
export function pairToRevoke(
  { pairs }: Pick<CertificateRecord, 'pairs'>,
  serial: string | undefined,
): StoredPair | undefined {
  return serial === undefined ? pairs[0] : pairs.find((pair) => serialOf(pair.chainPem) === serial)
}
