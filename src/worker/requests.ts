/** Requests of the command line leave the store once they are carried out or dropped. */
import type { Logger } from 'pino'
import { readRecord, requestRecord } from '../state/records.ts'
import { StateConflict, type StateStore } from '../state/store.ts'

/** A request of the command line that is not carried out, and why. */
export async function dropRequest(
  request: { readonly certificate: string; readonly because: string },
  shell: { readonly state: StateStore; readonly log: Logger },
): Promise<void> {
  shell.log.info({ certificate: request.certificate, because: request.because }, 'request dropped')
  await removeRequest(request.certificate, shell.state, anyRequest)
}

const anyRequest = ['issue', 'renew', 'revoke', 'rollover', 'unreadable'] as const
type Removed = (typeof anyRequest)[number]

/** Only such a one: what was asked for while the act was running is looked at by the next plan. */
export async function removeRequest(
  name: string,
  state: StateStore,
  which: readonly Removed[],
): Promise<void> {
  const key = `request/${name}` as const
  const found = await state.read(key)
  if (!found) return
  const parsed = readRecord(requestRecord, found.text)
  if (!which.includes('ok' in parsed ? parsed.ok.do : 'unreadable')) return
  await state.remove(key, found.version).catch((error: unknown) => {
    // Replaced by a newer one in this very moment.
    if (!(error instanceof StateConflict)) throw error
  })
}
