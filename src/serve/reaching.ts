/** Preflight and canary of one term of leadership: what they look at, by which policy, and where what they saw is told. */
import type { Logger } from 'pino'
import type { Desired } from '../certificate/certificate.ts'
import { canaryOf, type PreflightPolicy } from '../config/reach-schema.ts'
import type { Config } from '../config/schema.ts'
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
    const canary = canaryOf(live.config())
    return canary === 'off' ? undefined : canary.every
  }
  const looking: GateShell = {
    ...{ looker: shell.looker, board, log, now: shell.now, pause, failed },
    tell: (report) => shell.reported.set('canary', report),
    policyOf: (issuer) => policyOf(live.config(), issuer),
    later: (act) => void act,
    mended(host) {
      const concerned = live.desired().filter(({ domains }) => domains.includes(host))
      for (const { name } of concerned) shell.mended(name)
    },
  }
  return {
    preflight: (desired, issuer, signal) => preflight(desired, issuer, looking, signal),
    run: (signal) =>
      runCanary({ ...looking, every, hosts: () => live.desired().flatMap(({ domains }) => domains) }, signal),
    issued(certificate) {
      if (every() !== undefined) return
      board.clear(live.desired().find(({ name }) => name === certificate)?.domains ?? [])
      looking.tell(board.report())
    },
  }
}

/** That of the issuer, else that of the file. */
export function policyOf(config: Pick<Config, 'issuers' | 'preflight'>, issuer: string): PreflightPolicy {
  const own = Object.hasOwn(config.issuers, issuer) ? config.issuers[issuer]?.preflight : undefined
  return own ?? config.preflight
}
