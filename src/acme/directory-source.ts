/** The CA's directory (RFC 8555 §7.1.1), fetched when first needed and kept for an hour; several askers share one request. */
import { abortedBy } from './network-failure.ts'
import { readDirectory, type Directory } from './resources.ts'
import type { SignedRequests } from './signed-requests.ts'

export interface DirectorySource {
  /** Throws Port80Failure; a failed attempt is forgotten. */
  read(signal: AbortSignal): Promise<Directory>
  /** Fetched anew when next read: a CA may have added what we look for (a profile). */
  refresh(): void
}

const longestAgeMs = 3_600_000

export function createDirectorySource(
  directoryUrl: string,
  requests: SignedRequests,
  now: () => number,
): DirectorySource {
  let known: { readonly at: number; readonly directory: Promise<Directory> } | undefined
  const fetchIt = async () => {
    // Not the asker's signal: one that gives up must not take the answer from the others. The transport's deadline bounds it.
    const { body } = await requests.get('directory', directoryUrl, new AbortController().signal)
    return readDirectory(body, { what: 'directory', url: directoryUrl, now: now() })
  }
  return {
    async read(signal) {
      if (!known || now() - known.at >= longestAgeMs) {
        const mine = { at: now(), directory: fetchIt() }
        known = mine
        mine.directory.catch(() => {
          if (known === mine) known = undefined
        })
      }
      return orAborted(known.directory, signal)
    },
    refresh() {
      known = undefined
    },
  }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw abortedBy(signal)
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(abortedBy(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}
