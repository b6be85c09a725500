/** What a request of the command line means for its certificate now: carried out, or dropped and why. Pure. */
import type { CertificateRecord, RequestRecord } from '../state/records.ts'

export type Wish =
  | { readonly do: 'order'; readonly renew: boolean }
  | { readonly do: 'revoke'; readonly revocationReason: number }
  | { readonly do: 'drop'; readonly because: string }

/**
 * `issue` and `renew` are fulfilled by the end of any attempt after them, also by its failure: what a crash left of such
 * a request is no wish for a second order. A revocation is fulfilled once the newest pair is revoked.
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

function revocation(request: RequestRecord, { pairs: [newest] }: CertificateRecord): Wish {
  if (!newest) return { do: 'drop', because: 'there is no certificate to revoke' }
  if (newest.revokedAt !== undefined) return { do: 'drop', because: 'the certificate is revoked' }
  return { do: 'revoke', revocationReason: request.revocationReason ?? 0 }
}
