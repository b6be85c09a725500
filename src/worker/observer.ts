/** What the worker tells the outside, in words of closed sets; src/metrics satisfies it. Must be cheap and not throw. */
import type { FailureReason, OrderReason } from '../reason.ts'

export interface WorkerObserver {
  orderEnded(order: {
    readonly name: string
    readonly issuer: string
    readonly result: 'issued' | 'failed'
    readonly reason: OrderReason | FailureReason
  }): void
  installed(certificate: { readonly name: string; readonly seconds: number }): void
  /** Epoch ms of a tick that went through. */
  tick(at: number): void
  restarted(): void
}
