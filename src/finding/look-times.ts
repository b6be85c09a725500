/** When looks were taken last, for whoever takes them and tells what was found. In memory, for one term of leadership. */
import { latestTimes } from './looks.ts'
import type { LookTime } from './reported.ts'

export interface LookTimes {
  /** The look has just ended; `at` in epoch ms. Replaces the time before. */
  note(look: Omit<LookTime, 'at'>, at: number): void
  /** Of each look the last time. */
  all(): readonly LookTime[]
}

export function lookTimes(): LookTimes {
  let times: readonly LookTime[] = []
  return {
    note(look, at) {
      times = latestTimes([...times, { ...look, at }])
    },
    all: () => times,
  }
}
