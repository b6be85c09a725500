/**
 * The stored account of an issuer, `account/ISSUER`: a key is durable before a CA hears of it, and none that an account
 * hangs on is thrown away. An issuer that now points to another directory gets another key; the old record is kept under
 * `account/ISSUER.HASH-OF-ITS-DIRECTORY` and comes back with its directory (a dot is in no issuer name, so the keys of two
 * issuers never meet).
 */
import { createHash } from 'node:crypto'
import { Port80Failure } from '../reason.ts'
import { accountRecord, readRecord, type AccountRecord } from '../state/records.ts'
import type { StateKey, StateStore } from '../state/store.ts'
import type { ResolvedIssuer } from './issuer.ts'
import { newPrivateKey } from './key.ts'

export interface AccountEntry {
  readonly record: AccountRecord
  readonly version: string
  /** The key was made just now: no CA can know it yet. */
  readonly isNew: boolean
}

export interface AccountRecords {
  /** The record for the issuer's directory; made, with a new key, when there is none. Throws StateConflict, StoreFailed. */
  open(): Promise<AccountEntry>
  save(entry: AccountEntry, record: AccountRecord): Promise<AccountEntry>
}

export function accountRecordsOf(
  issuer: ResolvedIssuer,
  state: StateStore,
  now: () => number,
): AccountRecords {
  const key: StateKey = `account/${issuer.name}`

  async function fresh(): Promise<AccountRecord> {
    const keyPem = await newPrivateKey(issuer.accountKeyType)
    return { v: 1, directory: issuer.directory, keyPem, createdAt: now() }
  }

  /** Old record parked (durable) → new one in its place → the parked copy of the new one removed: safe to cut anywhere. */
  async function exchange(old: AccountEntry): Promise<AccountEntry> {
    const parked = parkedKey(issuer.name, old.record.directory)
    await state.write(parked, textOf(old.record), (await state.read(parked))?.version)
    const returning = await read(state, parkedKey(issuer.name, issuer.directory))
    const record = returning?.record ?? (await fresh())
    const version = await state.write(key, textOf(record), old.version)
    if (returning) await state.remove(parkedKey(issuer.name, issuer.directory), returning.version)
    return { record, version, isNew: !returning }
  }

  return {
    async open() {
      const known = await read(state, key)
      if (known) return known.record.directory === issuer.directory ? known : exchange(known)
      const record = await fresh()
      return { record, version: await state.write(key, textOf(record), undefined), isNew: true }
    },
    async save(entry, record) {
      return { ...entry, record, version: await state.write(key, textOf(record), entry.version) }
    },
  }
}

export function parkedKey(issuer: string, directory: string): StateKey {
  return `account/${issuer}.${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`
}

/** A torn or foreign record is never overwritten: the key in it may be the only copy. */
async function read(state: StateStore, key: StateKey): Promise<AccountEntry | undefined> {
  const found = await state.read(key)
  if (!found) return undefined
  const result = readRecord(accountRecord, found.text)
  if ('ok' in result) return { record: result.ok, version: found.version, isNew: false }
  throw new Port80Failure({
    reason: 'StoreFailed',
    detail: `${key} ${result.fault}; restore it from a backup, or move it away to start with a new account`,
  })
}

function textOf(record: AccountRecord): string {
  return JSON.stringify(record)
}
