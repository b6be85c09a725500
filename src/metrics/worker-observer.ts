/** What the worker, and whoever reads the configuration, record. */
import type { WorkerObserver as Recorder } from '../worker/observer.ts'
import { workerMetrics } from './catalogue.ts'
import { counter, gauge, histogram, type Registry } from './prom-client.ts'

/** An ended order as the worker tells it; `name` (of the configuration) adds it to the counts of that certificate. */
type OrderEnd = Parameters<Recorder['orderEnded']>[0] & { readonly name?: string }

/** What the worker tells. None of these throws. */
export interface WorkerObserver extends Recorder {
  orderEnded(order: OrderEnd): void
  /** From an installation until the last gateway pod showed the pair. */
  pickedUp(pickup: { readonly seconds: number }): void
}

/** What the reader of the configuration tells. */
export interface ConfigurationObserver {
  /** `at` is epoch ms. */
  configAccepted(at: number): void
  /** The version on disk has that many faults and is not in force. */
  configRefused(faults: number): void
}

export interface WorkerMetrics {
  readonly observer: WorkerObserver & ConfigurationObserver
  /** Drops the series of every certificate whose name is not among these. */
  readonly keepOnly: (names: ReadonlySet<string>) => void
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const attempts = createAttempts(registry)
  const orders = counter(registry, workerMetrics.orders)
  const wantedToInstalled = histogram(registry, workerMetrics.wantedToInstalled)
  const pickup = histogram(registry, workerMetrics.pickup)
  const lastTick = gauge(registry, workerMetrics.lastTick)
  const restarts = counter(registry, workerMetrics.restarts)
  const observer = {
    orderEnded({ name, issuer, result, reason }: OrderEnd) {
      if (name !== undefined) attempts.add({ name, outcome: result, reason })
      orders.inc({ issuer, result, reason })
    },
    installed: ({ seconds }: { readonly seconds: number }) =>
      wantedToInstalled.observe(Number.isFinite(seconds) ? Math.max(0, seconds) : 0),
    pickedUp: ({ seconds }: { readonly seconds: number }) => pickup.observe(Math.max(0, seconds)),
    tick: (at: number) => lastTick.set(at / 1_000),
    restarted: () => restarts.inc(),
    ...createConfigurationObserver(registry),
  }
  return { observer, keepOnly: attempts.keepOnly }
}

function createConfigurationObserver(registry: Registry): ConfigurationObserver {
  const accepted = gauge(registry, workerMetrics.configAccepted)
  const acceptedAt = gauge(registry, workerMetrics.configAcceptedAt)
  const faults = gauge(registry, workerMetrics.configFaults)
  return {
    configAccepted(at) {
      accepted.set(1)
      acceptedAt.set(at / 1_000)
      faults.set(0)
    },
    configRefused(count) {
      accepted.set(0)
      faults.set(count)
    },
  }
}

interface AttemptLabels {
  readonly name: string
  readonly outcome: string
  readonly reason: string
}

/** A counter that remembers which label sets it made, because prom-client removes only what is named whole. */
function createAttempts(registry: Registry) {
  const attempts = counter(registry, workerMetrics.attempts)
  const known = new Map<string, AttemptLabels>()
  return {
    add(labels: AttemptLabels) {
      known.set(`${labels.name} ${labels.outcome} ${labels.reason}`, labels)
      attempts.inc({ ...labels })
    },
    keepOnly: (names: ReadonlySet<string>) => {
      for (const [key, labels] of known) {
        if (names.has(labels.name)) continue
        attempts.remove({ ...labels })
        known.delete(key)
      }
    },
  }
}
