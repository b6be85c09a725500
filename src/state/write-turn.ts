/**
 * The moment between "is the old version still there?" and the rename belongs to one process at a time. Within a process
 * the store's queue sees to it (per key); between processes this does, with a kernel lock held for that moment only.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { tryKernelLock, type KernelLock } from '../disk/kernel-lock.ts'
import { storeFailed } from '../disk/store-failed.ts'

/** Others hold it for a few milliseconds; who holds it this long is stopped (SIGSTOP) or hangs on its disk. */
const patienceMs = 5_000
const askEveryMs = 3

/** Writers of one process share the lock: a hundred keys written at once take it once, not one after the other. */
export class WriteTurn {
  readonly #path: string
  readonly #patienceMs: number
  #users = 0
  #lock: Promise<KernelLock> | undefined

  /** `path` of the lock file; its folder must exist when `run` is called. */
  constructor(path: string, patience = patienceMs) {
    this.#path = path
    this.#patienceMs = patience
  }

  /** Throws Port80Failure StoreFailed when the turn does not come. */
  async run<T>(act: () => Promise<T>): Promise<T> {
    this.#users += 1
    const lock = (this.#lock ??= this.#acquire())
    try {
      await lock
      return await act()
    } finally {
      this.#users -= 1
      if (this.#users === 0) {
        this.#lock = undefined
        await lock.then(
          (held) => held.release(),
          () => undefined,
        )
      }
    }
  }

  async #acquire(): Promise<KernelLock> {
    const end = performance.now() + this.#patienceMs
    for (;;) {
      const lock = await tryKernelLock(this.#path)
      if (lock) return lock
      if (performance.now() > end)
        throw storeFailed(`locking ${this.#path}`, 'another process does not let go of it')
      await pause(askEveryMs)
    }
  }
}
