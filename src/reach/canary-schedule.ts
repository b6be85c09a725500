/**
 * Which hosts the canary looks at now. Each host has a moment of its own in every period (by its name, so that hundreds
 * of hosts spread evenly and a restart moves nothing) with a little jitter in each; the first look after a start comes
 * within half a minute. In all no more than {@link looksPerSecond} begin in a second and {@link looksAtOnce} run at
 * once: what has no room waits, the longest waiting first. Pure; times are epoch milliseconds.
 */
import { spread } from '../certificate/schedule.ts'

/** In a cluster a look writes its token and takes it away: ten writes a second, what kubectl may do in a burst. */
export const looksPerSecond = 5
export const looksAtOnce = 10
/** The first look at a host that nobody looked at yet. */
const firstWithinMs = 30_000
/** The look that decides whether something lasts or has ended. */
const againMs = 15_000
/** While something lasts: somebody mends it and wants to see it end. */
const troubledMs = 60_000
/** Part of a period by which each moment is moved. */
const jitter = 0.1

export interface HostTurn {
  readonly host: string
  /** When the canary heard of it. */
  readonly since: number
  readonly lookedAt?: number
  /** One more look decides something (damping.ts). */
  readonly undecided: boolean
  /** Something lasts. */
  readonly troubled: boolean
  readonly running: boolean
}

export interface CanaryTurns {
  readonly due: readonly string[]
  /** When there is something to do next; undefined: when a look ends, or a host comes. */
  readonly nextAt: number | undefined
}

/** `begunAt`: beginnings of the last second. */
export function canaryTurns(
  turns: readonly HostTurn[],
  every: number,
  begunAt: readonly number[],
  now: number,
): CanaryTurns {
  const period = Math.max(every, Math.ceil((turns.length * 1_000) / looksPerSecond))
  const waiting = turns
    .filter(({ running }) => !running)
    .map((turn) => ({ host: turn.host, at: momentOf(turn, period, now) }))
    .sort((one, other) => one.at - other.at || (one.host < other.host ? -1 : 1))
  const recent = begunAt.filter((at) => at > now - 1_000 && at <= now)
  const running = turns.length - waiting.length
  const room = Math.max(0, Math.min(looksPerSecond - recent.length, looksAtOnce - running))
  const due = waiting
    .filter(({ at }) => at <= now)
    .slice(0, room)
    .map(({ host }) => host)
  const next = waiting[due.length]?.at
  if (next === undefined) return { due, nextAt: undefined }
  const oldest = Math.min(...recent, now)
  // No room: the next second has some, and so does the end of a look, which asks anew by itself.
  return { due, nextAt: next <= now ? oldest + 1_000 : next }
}

/** When the host is looked at next; in the past: now. */
export function momentOf(turn: HostTurn, period: number, now: number): number {
  const { host, since, lookedAt } = turn
  // A clock that was set back must not make the canary wait until it has caught up.
  if (lookedAt === undefined || lookedAt > now) {
    const from = Math.min(since, now)
    return from + Math.floor(spread(host) * Math.min(period, firstWithinMs))
  }
  const own = nextOwnMoment(host, lookedAt, period)
  const patience = turn.undecided ? againMs : turn.troubled ? troubledMs : period
  return patience < period ? Math.min(own, lookedAt + patience) : own
}

/** The first moment of the host that comes later than `after`, by half a period at least. */
function nextOwnMoment(host: string, after: number, period: number): number {
  const phase = spread(host)
  const earliest = after + period / 2
  const slot = Math.floor(earliest / period - phase) - 1
  for (let k = Math.max(slot, 0); ; k++) {
    const at = Math.floor((k + phase + jitter * (spread(`${host} ${k}`) - 0.5)) * period)
    if (at >= earliest) return at
  }
}
