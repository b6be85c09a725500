/**
 * What the CA remembers across restarts: one JSON file. It is not fsynced: this CA survives a restart and a kill, and
 * need not survive a power cut.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Identifier } from './identifier.ts'
import type { PublicJwk } from './jwk.ts'
import type { ProblemDocument } from './problem.ts'

export interface Account {
  readonly id: string
  jwk: PublicJwk
  thumbprint: string
  contact: readonly string[]
  status: 'valid' | 'deactivated'
}

export interface Challenge {
  readonly id: string
  readonly token: string
  status: 'pending' | 'processing' | 'valid' | 'invalid'
  validatedAt?: number
  error?: ProblemDocument
}

export interface Authorization {
  readonly id: string
  readonly accountId: string
  readonly identifier: Identifier
  readonly challenge: Challenge
  status: 'pending' | 'valid' | 'invalid' | 'deactivated'
  expiresAt: number
}

export interface Order {
  readonly id: string
  readonly accountId: string
  readonly identifiers: readonly Identifier[]
  readonly authorizationIds: readonly string[]
  readonly profile?: string
  /** RFC 9773 §5: the certificate id that this order replaces. */
  readonly replaces?: string
  readonly expiresAt: number
  /** DER, base64: there once finalize was accepted. */
  csr?: string
  certificateId?: string
  error?: ProblemDocument
}

export interface Certificate {
  readonly id: string
  readonly accountId: string
  readonly orderId: string
  readonly identifiers: readonly Identifier[]
  /** PEM of the leaf alone. */
  readonly leafPem: string
  readonly serial: string
  /** RFC 9773 §4.1. */
  readonly certId: string
  readonly notBefore: number
  readonly notAfter: number
  revokedAt?: number
  /** Set by hand (`setRenewalWindow`); overrides the computed one. */
  window?: { readonly start: number; readonly end: number; readonly explanationUrl?: string }
}

const kinds = ['accounts', 'authorizations', 'orders', 'certificates'] as const
type Snapshot = Partial<Record<(typeof kinds)[number], readonly { readonly id: string }[]>>

/** After its end. */
const rememberedMs = 86_400_000

export class CaState {
  readonly accounts = new Map<string, Account>()
  readonly authorizations = new Map<string, Authorization>()
  readonly orders = new Map<string, Order>()
  readonly certificates = new Map<string, Certificate>()
  readonly #file: string
  #changed = false
  #writing: Promise<void> = Promise.resolve()

  constructor(directory: string) {
    this.#file = path.join(directory, 'state.json')
  }

  /** Reads what an earlier run left; nothing there is a new CA, anything unreadable is an error. */
  async load(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}'
      throw error
    })
    const snapshot = JSON.parse(text) as Snapshot
    for (const kind of kinds) {
      const records = this[kind] as Map<string, { readonly id: string }>
      for (const record of snapshot[kind] ?? []) records.set(record.id, record)
    }
    this.#forgetOld(Date.now() - rememberedMs)
  }

  /** What ran out long ago, so that the file does not grow for ever. Nothing that is in use is left out by it. */
  #forgetOld(before: number): void {
    for (const { id, notAfter } of this.certificates.values())
      if (notAfter < before) this.certificates.delete(id)
    for (const { id, certificateId, expiresAt } of this.orders.values())
      if (expiresAt < before && !this.certificates.has(certificateId ?? '')) this.orders.delete(id)
    for (const { id, expiresAt } of this.authorizations.values())
      if (expiresAt < before) this.authorizations.delete(id)
  }

  /** Something changed: the next `saved` writes it. */
  touch(): void {
    this.#changed = true
  }

  /** Resolves when every change so far is on disk. Concurrent callers share one write. */
  saved(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    if (!this.#changed) return
    this.#changed = false
    const snapshot = Object.fromEntries(kinds.map((kind) => [kind, [...this[kind].values()]]))
    await writeFile(`${this.#file}.new`, JSON.stringify(snapshot), { mode: 0o600 })
    await rename(`${this.#file}.new`, this.#file)
  }
}
