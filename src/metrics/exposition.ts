/**
 * The status gauges in the Prometheus text format 0.0.4. Pure. Not through prom-client: it would keep, hash and clear
 * ten series for each certificate on every scrape, on the thread that answers port 80 (for 1,000 certificates 110 ms
 * against 30 ms here).
 */
import { statusGauges } from './catalogue.ts'
import type { Sample } from './samples.ts'

/** A gauge without a sample is left out whole. Ends with a line end. */
export function renderGauges(samples: readonly Sample[]): string {
  const lines = new Map<Sample['gauge'], string[]>()
  for (const sample of samples) {
    const { name } = statusGauges[sample.gauge]
    const line = `${name}${renderLabels(sample.labels)} ${sample.value}`
    const known = lines.get(sample.gauge)
    if (known) known.push(line)
    else lines.set(sample.gauge, [line])
  }
  return [...lines]
    .map(([gauge, series]) => {
      const { name, help } = statusGauges[gauge]
      return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${series.join('\n')}\n`
    })
    .join('\n')
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  let text = ''
  for (const label in labels) text += `${text && ','}${label}="${escape(labels[label] ?? '')}"`
  return text && `{${text}}`
}

/** Backslash, quote and line feed are the three that the format escapes in a label value. */
function escape(value: string): string {
  if (!/[\\"\n]/.test(value)) return value
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
