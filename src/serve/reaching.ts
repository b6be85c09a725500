/** Preflight and canary of one term of leadership: what they look at, by which policy, and where what they saw is told. */
import type { Logger } from 'pino'
import type { Desired } from '../certificate/certificate.ts'
import { policyOf } from '../config/reach-schema.ts'
import { lookTimes } from '../finding/look-times.ts'
import type { LookTime } from '../finding/reported.ts'
import { runCanary } from '../reach/canary.ts'
import { preflight, type GateShell } from '../reach/gate.ts'
import { lookBoard } from '../reach/look-board.ts'
import type { Looker } from '../reach/looking.ts'
import { pause } from '../worker/wake.ts'
import type { Live } from './live.ts'
import type { ReportedSources } from './reported.ts'

export interface ReachingShell {
  readonly live: Pick<Live, 'config' | 'desired'>
  readonly looker: Looker
  readonly reported: ReportedSources
  /** The way to every name of the certificate may be well again. Returns at once. */
  readonly mended: (certificate: string) => void
  readonly log: Logger
  readonly now: () => number
}

export interface Reaching {
  /** For src/worker/attempt.ts. */
  readonly preflight: (desired: Desired, issuer: string, signal: AbortSignal) => Promise<void>
  /** The canary, until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  /** The CA has come and gone: nothing is left of what a preflight found, unless somebody looks again. */
  issued(certificate: string): void
}

export function openReaching(shell: ReachingShell): Reaching {
  const { live, log } = shell
  const board = lookBoard()
  const failed = (error: unknown) =>
    log.error({ err: error }, 'a look at port 80 from outside ended in a bug')
  const every = () => {
    const { canary } = live.config()
    return canary === 'off' ? undefined : canary.every
  }
  const tellAs = telling(shell.reported)
  const looking: GateShell = {
    ...{ looker: shell.looker, board, log, now: shell.now, pause, failed },
    tell: tellAs({ look: 'canary' }),
    policyOf: (issuer) => policyOf(live.config(), issuer),
    later: (act) => void act,
    mended(host) {
      const concerned = live.desired().filter(({ domains }) => domains.includes(host))
      for (const { name } of concerned) shell.mended(name)
    },
  }
  return {
    preflight: (desired, issuer, signal) =>
      preflight(desired, issuer, { ...looking, tell: tellAs({ look: 'preflight', issuer }) }, signal),
    run: (signal) =>
      runCanary({ ...looking, every, hosts: () => live.desired().flatMap(({ domains }) => domains) }, signal),
    issued(certificate) {
      if (every() !== undefined) return
      board.clear(live.desired().find(({ name }) => name === certificate)?.domains ?? [])
      looking.tell(board.report())
    },
  }
}

/** Both tell as one, since they look along the same ways; when each looked last goes with what they tell. */
function telling(reported: ReportedSources): (look: Omit<LookTime, 'at'>) => GateShell['tell'] {
  const times = lookTimes()
  return (look) => (report, lookedAt) => {
    if (lookedAt !== undefined) times.note(look, lookedAt)
    reported.set('canary', { ...report, lookedAt: times.all() })
  }
}
