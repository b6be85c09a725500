/** Requests of the command line leave the store once they are carried out or dropped. */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { readRecord, requestRecord, type RequestRecord } from '../state/records.ts'
import { StateConflict, type StateStore } from '../state/store.ts'

/**
 * A request of the command line that is not carried out, and why. `seen` is what the plan knew of it (undefined: it could not
 * be read): another one that has come since is looked at by the next plan.
 */
export async function dropRequest(
  { certificate, because, seen }: Drop,
  shell: { readonly state: StateStore; readonly log: Logger },
): Promise<void> {
  shell.log.info({ certificate, because }, 'request dropped')
  await removeRequest(certificate, shell.state, (request) => isDeepStrictEqual(request, seen))
}

interface Drop {
  readonly certificate: string
  readonly because: string
  readonly seen: RequestRecord | undefined
}

/**
 * Only one that is `fulfilled` (undefined: it cannot be read): what was asked for while an act was running, or since it
 * ended, stays.
 */
export async function removeRequest(
  name: string,
  state: StateStore,
  fulfilled: (request: RequestRecord | undefined) => boolean,
): Promise<void> {
  const found = await findRequest(name, state)
  if (!found || !fulfilled(found.request)) return
  await state.remove(`request/${name}`, found.version).catch((error: unknown) => {
    // Replaced by a newer one in this very moment.
    if (!(error instanceof StateConflict)) throw error
  })
}

/** What is asked for now; `request` undefined where it cannot be read. */
export async function findRequest(
  name: string,
  state: StateStore,
): Promise<{ readonly request: RequestRecord | undefined; readonly version: string } | undefined> {
  const found = await state.read(`request/${name}`)
  if (!found) return undefined
  const parsed = readRecord(requestRecord, found.text)
  return { request: 'ok' in parsed ? parsed.ok : undefined, version: found.version }
}
