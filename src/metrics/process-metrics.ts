/**
 * Metrics of the process. prom-client's event-loop lag is left out: its sampling wakes the process a hundred times a
 * second for ever (0.7 % of a core while idle); the busy time of the loop says the same and costs nothing. Its GC
 * histogram is left out because it observes every collection. CPU time is counted here because prom-client's module
 * for it loads the OpenTelemetry API (14 ms of the start).
 */
import { performance } from 'node:perf_hooks'
import { processCounters } from './catalogue.ts'
import { counter, processMetrics, type Registry } from './prom-client.ts'

export function addProcessMetrics(registry: Registry): void {
  for (const add of processMetrics) add(registry)
  counter(registry, processCounters.cpu, (set) => {
    const { user, system } = process.cpuUsage()
    set({}, (user + system) / 1e6)
  })
  counter(registry, processCounters.eventLoop, (set) => {
    set({}, performance.eventLoopUtilization().active / 1_000)
  })
}
