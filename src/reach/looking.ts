/** What preflight and canary share: one look at hosts, laid down on the board, told and logged where it changes something. */
import type { Logger } from 'pino'
import type { Reported } from '../finding/reported.ts'
import { objectText } from '../finding/finding.ts'
import type { LegLook } from './leg-look.ts'
import type { Changes, LookBoard, LookedBy } from './look-board.ts'

/** Looks at hosts; the shell of src/reach/look.ts, and in tests anything that looks. */
export interface Looker {
  /**
   * Along every leg of each host, side by side and bounded in time; may be asked any number of times at once. What cannot
   * be looked at gives no look. Rejects with AbortError when the signal aborts, and with Port80Failure where the cluster
   * does not say what its gateways are.
   */
  look(hosts: readonly string[], signal: AbortSignal): Promise<readonly LegLook[]>
}

export interface LookingShell {
  readonly looker: Looker
  readonly board: LookBoard
  /** Replaces what preflight and canary told before; with when a look has ended (epoch ms), where one has. */
  tell(report: Pick<Reported, 'findings' | 'legs'>, lookedAt?: number): void
  /** The last thing that kept the CA from this host has ended. Returns at once. */
  mended(host: string): void
  readonly log: Logger
  now(): number
}

export async function lookAt(
  hosts: readonly string[],
  by: LookedBy,
  shell: LookingShell,
  signal: AbortSignal,
): Promise<readonly LegLook[]> {
  const { looker, board, log } = shell
  const looks = await looker.look(hosts, signal)
  const now = shell.now()
  for (const host of hosts) {
    const own = looks.filter((each) => each.host === host)
    const changes = board.note(host, own, by, now)
    logChanges(host, changes, log)
    if (changes.ended.length > 0 && changes.lasting === 0) shell.mended(host)
  }
  shell.tell(board.report(), now)
  return looks
}

/** A line when something begins and one when it ends; none for a look that saw the same again. */
function logChanges(host: string, { began, ended, turns }: Changes, log: Logger): void {
  for (const { code, object, seen, from } of began) {
    log.warn({ host, code, object: objectText(object), seen, from, turns }, 'the CA cannot reach this host')
  }
  for (const { code, object, from } of ended) {
    log.info(
      { host, code, object: objectText(object), from, turns },
      'what kept the CA from this host has ended',
    )
  }
}
