/** All that an order needs to know of its CA. Built by src/config/known-issuers.ts. Pure type. */
import type { KeyType } from '../config/schema.ts'

export interface ResolvedIssuer {
  readonly name: string
  /** URL of the ACME directory (RFC 8555 §7.1.1). */
  readonly directory: string
  /** Contact of the account, without `mailto:`. */
  readonly email?: string
  /** RFC 8555 §7.3.4; exactly one of hmacKey and hmacKeyFile is there. */
  readonly externalAccount?: ExternalAccount
  /** ACME profile for orders that name none themselves. */
  readonly profile?: string
  /** Common name of the root or topmost issuer of the chain to install. */
  readonly preferredChain?: string
  /** PEM file, absolute path: roots trusted for talking to the CA itself. */
  readonly caBundle?: string
  readonly accountKeyType: KeyType
}

export interface ExternalAccount {
  readonly keyId: string
  /** base64url. Never logged. */
  readonly hmacKey?: string | undefined
  /** Absolute path of a file that holds the key, base64url. */
  readonly hmacKeyFile?: string | undefined
}
