/** Replay nonces (RFC 8555 §6.5): each is good for one request. */
import { randomBytes } from 'node:crypto'
import { AcmeProblem } from './problem.ts'

/** The oldest are forgotten first: a client that holds a nonce for that long gets badNonce and asks for another. */
const remembered = 10_000

export class Nonces {
  readonly #good = new Set<string>()
  readonly #rejectionRate: number
  readonly #onRejected: () => void

  /** `rejectionRate` is the part (0–1) of good nonces that are refused, since clients must cope with that. */
  constructor(rejectionRate: number, onRejected: () => void) {
    this.#rejectionRate = rejectionRate
    this.#onRejected = onRejected
  }

  issue(): string {
    const nonce = randomBytes(16).toString('base64url')
    this.#good.add(nonce)
    const oldest = this.#good.size > remembered ? this.#good.values().next().value : undefined
    if (oldest !== undefined) this.#good.delete(oldest)
    return nonce
  }

  /** Throws badNonce for a nonce that is not ours, was used before, or is refused on purpose. */
  consume(nonce: string | undefined): void {
    if (nonce === undefined) throw new AcmeProblem('badNonce', 'The protected header has no nonce')
    if (!this.#good.delete(nonce))
      throw new AcmeProblem('badNonce', 'The nonce is unknown or was used before')
    if (Math.random() >= this.#rejectionRate) return
    this.#onRejected()
    throw new AcmeProblem('badNonce', 'The nonce is refused on purpose: this test CA does that now and then')
  }
}
