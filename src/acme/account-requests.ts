/** Acts on the account: RFC 8555 §7.3 newAccount, §7.3.1 finding it by its key, §7.3.2 contact, §7.3.5 key roll-over. */
import { createHash, createPrivateKey } from 'node:crypto'
import { Port80Failure } from '../reason.ts'
import { loadSigningClient, publicJwk } from './client-library.ts'
import { unusable } from './network-failure.ts'
import { headerOf, type Result } from './signed-requests.ts'
import { accountUrl, asAccount, type Wire } from './wire.ts'

export interface AccountRequests {
  /** The account of this key, or undefined when the CA has none. */
  findAccount(signal: AbortSignal): Promise<{ readonly url: string } | undefined>
  /** Registers the key (a key that has an account gets that one) and agrees to the CA's terms of service. */
  register(
    request: {
      readonly email?: string | undefined
      readonly externalAccount?: { readonly keyId: string; readonly hmacKey: string } | undefined
    },
    signal: AbortSignal,
  ): Promise<{ readonly url: string }>
  /** Without an address the CA forgets the one it has. */
  updateContact(email: string | undefined, signal: AbortSignal): Promise<void>
  /** From then on this client signs with the new key, and its thumbprint is another: no order may be in flight. */
  rollOver(newKeyPem: string, signal: AbortSignal): Promise<void>
  /** RFC 7638 thumbprint of the account key, base64url: the second half of every key authorization. */
  thumbprint(): string
}

export function accountRequests(wire: Wire): AccountRequests {
  return {
    findAccount: (signal) => findAccount(wire, signal),
    register: (request, signal) => register(wire, request, signal),
    updateContact: (email, signal) => updateContact(wire, email, signal),
    rollOver: (newKeyPem, signal) => rollOver(wire, newKeyPem, signal),
    thumbprint: () =>
      createHash('sha256')
        .update(JSON.stringify(publicJwk(wire.account.key)))
        .digest('base64url'),
  }
}

async function findAccount(wire: Wire, signal: AbortSignal): Promise<{ url: string } | undefined> {
  const { newAccount } = await wire.directory.read(signal)
  try {
    const payload = { onlyReturnExisting: true }
    return took(wire, newAccount, await newAccountPost(wire, { url: newAccount, payload, signal }))
  } catch (error) {
    if (error instanceof Port80Failure && error.failure.reason === 'AcmeAccountDoesNotExist') return undefined
    throw error
  }
}

async function register(
  wire: Wire,
  { email, externalAccount }: Parameters<AccountRequests['register']>[0],
  signal: AbortSignal,
): Promise<{ url: string }> {
  const { newAccount } = await wire.directory.read(signal)
  const payload = { termsOfServiceAgreed: true, ...(email !== undefined && { contact: contactOf(email) }) }
  return took(
    wire,
    newAccount,
    await newAccountPost(wire, { url: newAccount, payload, signal, externalAccount }),
  )
}

function newAccountPost(
  wire: Wire,
  act: {
    url: string
    payload: object
    signal: AbortSignal
    externalAccount?: Parameters<AccountRequests['register']>[0]['externalAccount']
  },
): Promise<Result> {
  return wire.requests.post({ ...act, action: 'newAccount', signedBy: { key: wire.account.key } })
}

function took(wire: Wire, base: string, result: Result): { url: string } {
  const location = headerOf(result, 'location')
  if (location === undefined || !URL.canParse(location, base)) {
    throw unusable('newAccount: the answer holds no account URL (Location)')
  }
  const url = new URL(location, base).href
  wire.account.url = url
  return { url }
}

async function updateContact(wire: Wire, email: string | undefined, signal: AbortSignal): Promise<void> {
  const payload = { contact: email === undefined ? [] : contactOf(email) }
  await asAccount(wire, { action: 'account', url: accountUrl(wire), payload, signal })
}

/** The new key signs that it takes the account over from the old one, and the account signs the whole. */
async function rollOver(wire: Wire, newKeyPem: string, signal: AbortSignal): Promise<void> {
  const { keyChange } = await wire.directory.read(signal)
  const newKey = createPrivateKey(newKeyPem)
  const statement = { account: accountUrl(wire), oldKey: publicJwk(wire.account.key) }
  const payload = new (loadSigningClient())('', newKey).createSignedBody(keyChange, statement)
  await asAccount(wire, { action: 'keyChange', url: keyChange, payload, signal })
  wire.account.key = newKey
}

function contactOf(email: string): readonly string[] {
  return [`mailto:${email}`]
}
