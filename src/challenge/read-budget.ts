/** So many acts a second and no more; what a stranger can make us do is counted here. */
export class ReadBudget {
  readonly #perSecond: number
  readonly #clock: () => number
  #windowStart = -Infinity
  #left = 0

  /** `clock` gives monotonic milliseconds. */
  constructor(perSecond: number, clock: () => number) {
    this.#perSecond = perSecond
    this.#clock = clock
  }

  take(): boolean {
    const now = this.#clock()
    if (now - this.#windowStart >= 1_000) {
      this.#windowStart = now
      this.#left = this.#perSecond
    }
    if (this.#left === 0) return false
    this.#left -= 1
    return true
  }
}
