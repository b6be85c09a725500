/**
 * The one importer of prom-client. It takes the four classes by file: prom-client's index also loads its push gateway,
 * its cluster support and (for exemplars) the OpenTelemetry API, which cost 25 ms of a start that may take 400 ms and
 * do nothing here. The version is pinned; if the files move, every test of test/metrics fails at once.
 */
import CounterClass from 'prom-client/lib/counter.js'
import GaugeClass from 'prom-client/lib/gauge.js'
import HistogramClass from 'prom-client/lib/histogram.js'
import processStartTime from 'prom-client/lib/metrics/processStartTime.js'
import osMemoryHeap from 'prom-client/lib/metrics/osMemoryHeap.js'
import processOpenFileDescriptors from 'prom-client/lib/metrics/processOpenFileDescriptors.js'
import processMaxFileDescriptors from 'prom-client/lib/metrics/processMaxFileDescriptors.js'
import heapSizeAndUsed from 'prom-client/lib/metrics/heapSizeAndUsed.js'
import version from 'prom-client/lib/metrics/version.js'
import RegistryClass from 'prom-client/lib/registry.js'
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'

export type { Counter, Gauge, Histogram, Registry }

/** An entry of the catalogue. */
export interface Definition<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
  readonly buckets?: readonly number[]
}

export function createRegistry(): Registry {
  return new RegistryClass()
}

/** `totals` is for counts that are kept elsewhere: it is asked at each scrape and sets every series anew. */
export function counter<Label extends string>(
  registry: Registry,
  definition: Definition<Label>,
  totals?: (set: (labels: Partial<Record<Label, string>>, total: number) => void) => void,
): Counter<Label> {
  const { name, help, labels } = definition
  return new CounterClass<Label>({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    ...(totals && {
      collect() {
        this.reset()
        totals((series, total) => this.inc(series, total))
      },
    }),
  })
}

/** Has no value until one is set: the zero that prom-client starts with would read as 1970 in a timestamp. */
export function gauge<Label extends string>(registry: Registry, definition: Definition<Label>): Gauge<Label> {
  const { name, help, labels } = definition
  const created = new GaugeClass<Label>({ name, help, labelNames: labels, registers: [registry] })
  created.remove({})
  return created
}

export function histogram<Label extends string>(
  registry: Registry,
  definition: Definition<Label> & { readonly buckets: readonly number[] },
): Histogram<Label> {
  const { name, help, labels, buckets } = definition
  return new HistogramClass<Label>({
    name,
    help,
    labelNames: labels,
    buckets: [...buckets],
    registers: [registry],
  })
}

type ProcessMetric = (registry: Registry) => void

/** Metrics of the process that prom-client ships and that cost nothing between two scrapes. */
export const processMetrics: readonly ProcessMetric[] = [
  processStartTime,
  osMemoryHeap,
  processOpenFileDescriptors,
  processMaxFileDescriptors,
  heapSizeAndUsed,
  version,
]
