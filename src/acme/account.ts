/**
 * The account of an issuer at its CA: found or registered once, its contact kept as configured, its key changed on request
 * (RFC 8555 §7.3). Every step can be cut off and run again.
 *
 *   record (key durable) ─► roll-over in flight? ─► find by key ─► register ─► URL durable ─► contact
 */
import { createPublicKey } from 'node:crypto'
import type { KeyType } from '../config/schema.ts'
import { Port80Failure } from '../reason.ts'
import { StateConflict, type StateStore } from '../state/store.ts'
import { accountRecordsOf, type AccountEntry, type AccountRecords } from './account-record.ts'
import type { AccountRequests } from './account-requests.ts'
import { externalAccountOf } from './external-account.ts'
import type { ResolvedIssuer } from './issuer.ts'
import { newPrivateKey } from './key.ts'
import type { Directory } from './resources.ts'

/** What an account needs of the CA; src/acme/client.ts satisfies it. */
export interface AccountClient extends Pick<
  AccountRequests,
  'findAccount' | 'register' | 'updateContact' | 'rollOver'
> {
  directory(signal: AbortSignal): Promise<Pick<Directory, 'externalAccountRequired'>>
  close(): void
}

export interface AccountShell<Client extends AccountClient> {
  readonly issuer: ResolvedIssuer
  readonly state: StateStore
  /**
   * Before one is registered: resolves when that is counted, durably. Throws Port80Failure BudgetSpent where it would cross a
   * limit of the CA.
   */
  countAccount(): Promise<void>
  /** A client for the issuer's directory that signs with this key. Sends nothing. */
  connect(account: { readonly keyPem: string; readonly accountUrl?: string | undefined }): Client
  now(): number
}

export interface AccountSession<Client> {
  readonly client: Client
  readonly accountUrl: string
}

/**
 * A client whose account exists. Asks the CA nothing when the stored account is complete and the contact unchanged.
 * Throws Port80Failure; the client is closed then.
 */
export async function ensureAccount<Client extends AccountClient>(
  shell: AccountShell<Client>,
  signal: AbortSignal,
): Promise<AccountSession<Client>> {
  const { issuer, state } = shell
  const records = accountRecordsOf(issuer, state, () => shell.now())
  return withoutConflict(async () => {
    const settled = await settleRollOver(await records.open(), records, shell, signal)
    const entry = await replaceUnusedKey(settled, records, shell, signal)
    const client = shell.connect({ keyPem: entry.record.keyPem, accountUrl: entry.record.url })
    try {
      const known = await findOrRegister(entry, records, { client, shell }, signal)
      const { record } = await updateContact(known, records, { client, issuer }, signal)
      return { client, accountUrl: record.url ?? '' }
    } catch (error) {
      client.close()
      throw error
    }
  })
}

/**
 * Gives the account a new key of the issuer's `accountKeyType` (RFC 8555 §7.3.5). The new key is durable before the CA hears
 * of it and in force after it agreed; cut off in between, the next ensureAccount() asks the CA which of the two it knows.
 * No order may be in flight: the CA checks challenges against the key that is in force. Sessions opened before must be
 * forgotten. Throws Port80Failure; the old key then stays.
 */
export async function rollOverAccount<Client extends AccountClient>(
  shell: AccountShell<Client>,
  signal: AbortSignal,
): Promise<void> {
  const { client } = await ensureAccount(shell, signal)
  const records = accountRecordsOf(shell.issuer, shell.state, () => shell.now())
  try {
    const entry = await records.open()
    const { nextKeyPem: planned, ...record } = entry.record
    const type = shell.issuer.accountKeyType
    const nextKeyPem =
      planned !== undefined && keyTypeOf(planned) === type ? planned : await newPrivateKey(type)
    const durable = await records.save(entry, { ...record, nextKeyPem })
    await client.rollOver(nextKeyPem, signal)
    await records.save(durable, { ...record, keyPem: nextKeyPem })
  } finally {
    client.close()
  }
}

/**
 * For AcmeAccountDoesNotExist on a stored URL (a CA that was reset): the next ensureAccount() finds or registers the account
 * again, with the same key.
 */
export async function forgetAccountUrl(
  issuer: ResolvedIssuer,
  state: StateStore,
  now: () => number,
): Promise<void> {
  const records = accountRecordsOf(issuer, state, now)
  await withoutConflict(async () => {
    const entry = await records.open()
    const { url, email: _email, ...record } = entry.record
    if (url !== undefined) await records.save(entry, record)
  })
}

/** A key change was cut off: the CA says which key is in force. The other one is kept until that is certain. */
async function settleRollOver<Client extends AccountClient>(
  entry: AccountEntry,
  records: AccountRecords,
  shell: AccountShell<Client>,
  signal: AbortSignal,
): Promise<AccountEntry> {
  const { nextKeyPem, ...record } = entry.record
  if (nextKeyPem === undefined) return entry
  const client = shell.connect({ keyPem: nextKeyPem })
  try {
    const found = await client.findAccount(signal)
    return found ? await records.save(entry, { ...record, keyPem: nextKeyPem, url: found.url }) : entry
  } finally {
    client.close()
  }
}

/**
 * A key of another type than is configured now, which the CA has no account for: most likely it was refused
 * (AcmeBadPublicKey), and there is nothing to roll over from. A key that has an account stays.
 */
async function replaceUnusedKey<Client extends AccountClient>(
  entry: AccountEntry,
  records: AccountRecords,
  shell: AccountShell<Client>,
  signal: AbortSignal,
): Promise<AccountEntry> {
  const { record } = entry
  const type = shell.issuer.accountKeyType
  if (record.url !== undefined || record.nextKeyPem !== undefined || keyTypeOf(record.keyPem) === type)
    return entry
  const client = shell.connect({ keyPem: record.keyPem })
  try {
    // A CA that refuses the key even for a question says so again here; it cannot have registered it.
    const found = await client.findAccount(signal).catch(refusedKey)
    if (found) return await records.save(entry, { ...record, url: found.url })
    return { ...(await records.save(entry, { ...record, keyPem: await newPrivateKey(type) })), isNew: true }
  } finally {
    client.close()
  }
}

function refusedKey(error: unknown): undefined {
  const refusals = ['AcmeBadPublicKey', 'AcmeBadSignatureAlgorithm']
  if (error instanceof Port80Failure && refusals.includes(error.failure.reason)) return undefined
  throw error
}

interface Party {
  readonly client: AccountClient
  readonly issuer: ResolvedIssuer
}

async function findOrRegister<Client extends AccountClient>(
  entry: AccountEntry,
  records: AccountRecords,
  { client, shell }: { readonly client: Client; readonly shell: AccountShell<Client> },
  signal: AbortSignal,
): Promise<AccountEntry> {
  const { record } = entry
  if (record.url !== undefined) return entry
  // A key that was stored before may have been registered just before a crash; then the account is there, contact unknown.
  const found = entry.isNew ? undefined : await client.findAccount(signal)
  if (found) return records.save(entry, { ...record, url: found.url })
  const { email } = shell.issuer
  const externalAccount = await externalAccountOf(shell.issuer, client, signal)
  await shell.countAccount()
  const { url } = await client.register({ email, externalAccount }, signal)
  return records.save(entry, {
    ...record,
    url,
    ...(email !== undefined && { email }),
    ...(externalAccount && { externalAccountKeyId: externalAccount.keyId }),
  })
}

async function updateContact(
  entry: AccountEntry,
  records: AccountRecords,
  { client, issuer }: Party,
  signal: AbortSignal,
): Promise<AccountEntry> {
  const { email: known, ...record } = entry.record
  if (known === issuer.email) return entry
  await client.updateContact(issuer.email, signal)
  return records.save(entry, issuer.email === undefined ? record : { ...record, email: issuer.email })
}

const curves: Readonly<Record<string, KeyType>> = { prime256v1: 'ecdsa-p256', secp384r1: 'ecdsa-p384' }

function keyTypeOf(keyPem: string): string | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails: details } = createPublicKey(keyPem)
  return asymmetricKeyType === 'rsa' ? `rsa-${details?.modulusLength}` : curves[details?.namedCurve ?? '']
}

/** Somebody else wrote the record in between (another order of this process, the command line): read again, decide again. */
async function withoutConflict<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof StateConflict) || tries >= 5) throw error
    }
  }
}
