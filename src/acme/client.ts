/**
 * The CA, as the rest of port80 sees it: every act of RFC 8555 and RFC 9773 that we need, one method each. No method sleeps,
 * each request has a deadline and takes a signal, and each throws Port80Failure only. Any number of them may run at once on
 * one client; they share its connections, its nonces and its copy of the directory.
 */
import { createPrivateKey } from 'node:crypto'
import { accountRequests, type AccountRequests } from './account-requests.ts'
import type { AcmeObserver } from './action.ts'
import { certificateRequests, type CertificateRequests } from './certificate-requests.ts'
import { createDirectorySource } from './directory-source.ts'
import { orderRequests, type OrderRequests } from './order-requests.ts'
import type { Directory } from './resources.ts'
import { createSignedRequests } from './signed-requests.ts'
import { createTransport } from './transport.ts'
import type { Account, Wire } from './wire.ts'

export type { AcmeAction, AcmeObserver } from './action.ts'
export type { Authorization, Directory, Order } from './resources.ts'

export interface AcmeClient extends AccountRequests, OrderRequests, CertificateRequests {
  directory(signal: AbortSignal): Promise<Directory>
  /** Undefined until the account was found or registered, or given at creation. */
  accountUrl(): string | undefined
  /** Ends every connection. Acts in flight fail as CaUnreachable. */
  close(): void
}

export interface AcmeClientOptions {
  readonly directoryUrl: string
  /** PEM, PKCS#8. */
  readonly accountKeyPem: string
  readonly accountUrl?: string | undefined
  /** PEM: the only roots trusted for the CA's own TLS. */
  readonly caBundlePem?: string | undefined
  /** Of one HTTP exchange, whole. An act is bounded by twice that: repeats after badNonce end when one time-out has passed. */
  readonly requestTimeoutMs: number
  readonly observer: AcmeObserver
  readonly now: () => number
  readonly userAgent: string
  /** HTTPS_PROXY, HTTP_PROXY, NO_PROXY in either case; the process's by default. A CA on loopback is always asked directly. */
  readonly proxyEnv?: NodeJS.ProcessEnv | undefined
}

/** Sends nothing. Throws Port80Failure CaUntrusted when the CA bundle holds no certificate. */
export function createAcmeClient(options: AcmeClientOptions): AcmeClient {
  const { directoryUrl, accountKeyPem, caBundlePem, observer, requestTimeoutMs, now, userAgent } = options
  const transport = createTransport({
    directoryUrl,
    requestTimeoutMs,
    userAgent,
    proxyEnv: options.proxyEnv ?? process.env,
    ...(caBundlePem !== undefined && { caBundlePem }),
  })
  const account: Account = { key: createPrivateKey(accountKeyPem), url: options.accountUrl }
  const requests = createSignedRequests({
    transport,
    observer,
    requestTimeoutMs,
    now,
    accountKey: () => account.key,
    newNonceUrl: async (signal) => (await directory.read(signal)).newNonce,
  })
  const directory = createDirectorySource(directoryUrl, requests, now)
  const wire: Wire = { directoryUrl, directory, requests, account, now }
  return {
    ...accountRequests(wire),
    ...orderRequests(wire),
    ...certificateRequests(wire),
    directory: (signal) => directory.read(signal),
    accountUrl: () => account.url,
    close: () => transport.close(),
  }
}
