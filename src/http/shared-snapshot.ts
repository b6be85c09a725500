/** One building of the status at a time, and never a wait without end for it. */
import type { StatusSnapshot } from '../status/snapshot.ts'

/** The status did not come in time. */
export class SnapshotTimeout extends Error {
  constructor(deadlineMs: number) {
    super(`the status did not come within ${deadlineMs} ms`)
    this.name = 'SnapshotTimeout'
  }
}

/**
 * Calls that come while a snapshot is being built get that one: however many look, the store is read once. When the
 * building hangs, each caller is refused after `deadlineMs` and no second building is started beside the first.
 */
export function shareSnapshot(
  build: () => Promise<StatusSnapshot>,
  deadlineMs: number,
): () => Promise<StatusSnapshot> {
  let building: Promise<StatusSnapshot> | undefined
  return async () => {
    building ??= build().finally(() => {
      building = undefined
    })
    return within(building, deadlineMs)
  }
}

async function within<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SnapshotTimeout(deadlineMs)), deadlineMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
