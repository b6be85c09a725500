/** The directory: where everything else is (RFC 8555 §7.1.1, RFC 9773 §4.1, draft-ietf-acme-profiles §3). */
import type { Handler } from './request.ts'

export const directory: Handler = (ca) => {
  const { profiles } = ca.settings
  const named = Object.entries(profiles).map(([name, profile]) => [name, profile.description])
  return {
    status: 200,
    body: {
      newNonce: `${ca.origin}/new-nonce`,
      newAccount: `${ca.origin}/new-account`,
      newOrder: `${ca.origin}/new-order`,
      revokeCert: `${ca.origin}/revoke-cert`,
      keyChange: `${ca.origin}/key-change`,
      renewalInfo: `${ca.origin}/renewal-info`,
      meta: {
        externalAccountRequired: false,
        profiles: Object.fromEntries(named) as Record<string, string>,
      },
    },
  }
}

/** RFC 8555 §7.2: 200 for HEAD, 204 for GET; the nonce is in the header that every answer carries. */
export const newNonce: Handler = () => ({ status: 200 })
