/**
 * The one file that names acme-client. Of that package we use the part that signs requests (JWS with kid or jwk, external
 * account binding, a fresh nonce after badNonce); it is loaded when the first client is made, never at start.
 *
 * Two of its own modules are replaced before it is loaded:
 * - `axios.js`: sleeps the server's Retry-After without a bound, five times, and keeps its settings in a module global. Our
 *   transport.ts carries the requests.
 * - `crypto/index.js`: of which the signing part needs one function, getJwk.
 * So neither axios nor node-forge nor @peculiar/x509 is loaded for it: 7 ms and 1 MB (beside node:https) instead of 240 ms and 31 MB.
 * The package is pinned to one version; test/acme/client-library.ts fails when another one is shaped differently.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { createRequire, Module } from 'node:module'

export interface LibraryAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly data: unknown
}

export interface SignedBody {
  readonly protected: string
  readonly payload: string
  readonly signature: string
}

/** acme-client/src/http.js, as far as we use it. `request` and `getNonce` are ours to replace on the instance. */
export interface SigningClient {
  maxBadNonceRetries: number
  request(url: string, method: string, options?: { data?: SignedBody }): Promise<LibraryAnswer>
  getNonce(): Promise<string>
  getJwk(): Readonly<Record<string, unknown>>
  createSignedBody(url: string, payload: object): SignedBody
  signedRequest(
    url: string,
    payload: object | null,
    options: { kid?: string | null; includeExternalAccountBinding?: boolean },
  ): Promise<LibraryAnswer>
}

export type SigningClientClass = new (
  directoryUrl: string,
  accountKey: KeyObject,
  externalAccount?: { kid: string; hmacKey: string },
) => SigningClient

let loaded: SigningClientClass | undefined

/** Loads the signing part once a process; throws when the installed package is not shaped as expected. */
export function loadSigningClient(): SigningClientClass {
  loaded ??= load()
  return loaded
}

function load(): SigningClientClass {
  const require = createRequire(import.meta.url)
  replaceModule(require, 'acme-client/src/axios.js', { request: refuse })
  replaceModule(require, 'acme-client/src/crypto/index.js', { getJwk: publicJwk })
  return require('acme-client/src/http.js') as SigningClientClass
}

function replaceModule(require: NodeJS.Require, name: string, exports: unknown): void {
  const file = require.resolve(name)
  const module = new Module(file)
  module.exports = exports
  module.loaded = true
  require.cache[file] = module
}

function refuse(): never {
  throw new Error('acme-client must not send requests itself')
}

/** Members in alphabetical order, and none but the required ones: RFC 7638 §3 computes the thumbprint over exactly that. */
export function publicJwk(key: KeyObject): Readonly<Record<string, unknown>> {
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  return Object.fromEntries(Object.entries(jwk).sort(([a], [b]) => (a < b ? -1 : 1)))
}
