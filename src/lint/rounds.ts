/** Lint of a worker that leads: the cluster is read and judged from time to time, for as long as the signal says. */
import { lastingOf } from '../finding/lasting.ts'
import type { LastingFinding } from '../finding/reported.ts'
import { Port80Failure } from '../reason.ts'
import type { Judgement } from './run.ts'
import { nextTurn, type Turn } from './turn.ts'

export interface RoundsShell {
  /** What is in force: the same object until it changes. Asked anew each time. */
  settings(): object
  /** Milliseconds between two rounds; undefined: off. Asked anew each time. */
  every(): number | undefined
  /** Reads and judges everything. Throws Port80Failure when the cluster cannot be read. */
  judge(signal: AbortSignal): Promise<Judgement>
  /** Everything that is wrong now; undefined: nobody looks any more. Returns at once. */
  tell(findings: readonly LastingFinding[] | undefined, at: number): void
}

/** What it takes of the process. */
export interface RoundsPlace {
  readonly log: Record<'info' | 'warn', (data: object, text: string) => void>
  readonly now: () => number
  readonly random: () => number
  /** Rejects when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** A bug of ours in one round ends neither the rounds nor the worker. */
  failed(error: unknown): void
}

/** A changed configuration is noticed within so many ms. */
const sleepMs = 1_000

/** Runs until the signal aborts. Never rejects. What cannot be read says nothing: the findings before stay told. */
export async function runRounds(shell: RoundsShell, place: RoundsPlace, signal: AbortSignal): Promise<void> {
  const judgeOnce = judging(shell, place)
  let last: Turn | undefined
  let due = 0
  while (!signal.aborted) {
    const every = shell.every()
    const settings = shell.settings()
    if (every === undefined) {
      if (last !== undefined) shell.tell(undefined, place.now())
      last = undefined
      due = 0
    } else if (last?.settings !== settings || place.now() >= due) {
      const found = await judgeOnce(signal)
      last = { settings, at: place.now(), ...(found !== undefined && { found }) }
      due = nextTurn(last, settings, every, place.random())
    }
    await place.pause(sleepMs, signal).catch(() => undefined)
  }
}

const unjudged = 'lint: not everything that it looks at can be judged'

/** In a cluster with very many objects that cannot be read, the first of them: a line of the log is short. */
function fewOf(remarks: readonly string[]): object {
  const more = remarks.length - mostRemarks
  return {
    remarks: remarks.slice(0, mostRemarks).map((each) => each.slice(0, longestRemark)),
    ...(more > 0 && { more }),
  }
}

const mostRemarks = 20
/** Characters. */
const longestRemark = 500

/** One round; how much was found, or undefined where nothing could be read. */
function judging(
  shell: RoundsShell,
  place: RoundsPlace,
): (signal: AbortSignal) => Promise<number | undefined> {
  const { log } = place
  const lasting = lastingOf('lint')
  let remarked = ''
  let away = ''
  return async (signal) => {
    try {
      const { findings, remarks } = await shell.judge(signal)
      if (signal.aborted) return undefined
      const at = place.now()
      shell.tell(lasting(findings, at), at)
      away = ''
      const remark = remarks.join('\n')
      if (remark !== remarked && remarks.length > 0) log.info(fewOf(remarks), unjudged)
      remarked = remark
      return findings.length
    } catch (error) {
      if (signal.aborted) return undefined
      if (!(error instanceof Port80Failure)) place.failed(error)
      else if (error.failure.detail !== away) {
        away = error.failure.detail
        log.warn({ detail: away }, 'lint: the cluster cannot be read; the findings before stay')
      }
      return undefined
    }
  }
}
