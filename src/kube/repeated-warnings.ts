/** What fails every two seconds is logged when it begins and when it becomes something else. */
import type { Logger } from 'pino'

/** `detail` undefined: it works again. Details of one `kind` are one trouble, whatever else they say. */
export type Warn = (what: string, detail: string | undefined, kind?: string) => void

const most = 5_000

export function repeatedWarnings(log: Pick<Logger, 'warn'>): Warn {
  const said = new Map<string, string>()
  return (what, detail, kind = detail) => {
    if (detail === undefined || kind === undefined) {
      said.delete(what)
      return
    }
    if (said.get(what) === kind) return
    if (said.size >= most) said.clear()
    said.set(what, kind)
    log.warn({ what, detail }, 'what port80 tells the cluster could not be written; it is tried again')
  }
}
