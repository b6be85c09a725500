/** What became of a request, read from the record that the worker left. */
import { readLeaf, serialOf } from '../certificate/certificate.ts'
import { pairToRevoke } from '../certificate/request.ts'
import { openJournals, type Stores } from '../serve/stores.ts'
import {
  accountRecord,
  emptyCertificateRecord,
  readRecord,
  type CertificateRecord,
  type RequestRecord,
} from '../state/records.ts'
import { when } from './plan.ts'
import type { CommandContext } from './io.ts'

export interface Outcome {
  readonly ok: boolean
  readonly text: string
  readonly reason?: string
  readonly detail?: string
  readonly serial?: string
  readonly notAfter?: string
}

export async function outcomeOf(
  context: CommandContext,
  stores: Stores,
  { at: since, serial }: Pick<RequestRecord, 'at' | 'serial'>,
): Promise<Outcome> {
  const { invocation, io } = context
  const name = invocation.operand ?? ''
  const entry = await openJournals(stores.state).certificates.read(name)
  if (entry.state === 'unreadable') return { ok: false, text: `${name}: its record ${entry.fault}` }
  const record = entry.state === 'there' ? entry.record : emptyCertificateRecord
  if (invocation.command === 'revoke') return revocation(name, record, serial)
  return issuance(name, record, { since, now: io.now(), ...(serial !== undefined && { serial }) })
}

/** `serial`: of what was to be renewed, in use when that was asked for. Pure. */
export function issuance(
  name: string,
  record: CertificateRecord,
  { since, now, serial }: { since: number; now: number; serial?: string },
): Outcome {
  const ended = endedSince(record, since)
  const leaf = record.pairs[0] && readLeaf(record.pairs[0])
  const facts = leaf && { serial: leaf.serial, notAfter: new Date(leaf.notAfter).toISOString() }
  if (ended?.failure) {
    const { reason, detail } = ended.failure
    return { ok: false, text: `${name}: ${reason}: ${detail}`, reason, detail, ...facts }
  }
  // Dropped by the worker: nobody could have what it would order.
  const isOld = !ended && leaf?.serial === serial
  if (!leaf || isOld)
    return { ok: false, text: `${name}: nothing was issued; port80 status says why`, ...facts }
  const what = ended ? 'issued' : 'up to date'
  const text = `${name}: ${what}, serial ${leaf.serial}, valid until ${when(leaf.notAfter, now)}`
  return { ok: true, text, ...facts }
}

function endedSince({ attempts: [attempt] }: CertificateRecord, since: number) {
  return attempt?.endedAt !== undefined && attempt.endedAt >= since ? attempt : undefined
}

/** Pure. */
export function revocation(name: string, record: CertificateRecord, serial: string | undefined): Outcome {
  const pair = pairToRevoke(record, serial)
  const shown = serial ?? (pair && serialOf(pair.chainPem))
  const facts = shown !== undefined && { serial: shown }
  if (!pair)
    return { ok: false, text: `${name}: serial ${shown ?? 'unknown'} is not kept here any more`, ...facts }
  if (pair.revokedAt === undefined)
    return { ok: false, text: `${name}: nothing was revoked; the log of the worker says why` }
  const then = pair === record.pairs[0] ? 'a new certificate is ordered' : 'a newer one is in use already'
  return { ok: true, text: `${name}: serial ${shown ?? 'unknown'} is revoked; ${then}`, ...facts }
}

/** The account key is never shown; that its record holds another one is what can be told. Pure. */
export function rollover(issuer: string, before: string | undefined, after: string | undefined): Outcome {
  const keyOf = (text: string | undefined) => {
    const parsed = text === undefined ? undefined : readRecord(accountRecord, text)
    return parsed && 'ok' in parsed ? parsed.ok.keyPem : undefined
  }
  const key = keyOf(after)
  if (key === undefined)
    return { ok: false, text: `${issuer}: there is no account yet; the first order makes one` }
  if (key === keyOf(before))
    return { ok: false, text: `${issuer}: the account key was not replaced; the log says why` }
  return { ok: true, text: `${issuer}: the account has a new key` }
}
