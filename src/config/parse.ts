/** The text of the file → the configuration, or every fault of it at once. Pure. */
import { crossFindings } from './cross-checks.ts'
import { explain } from './explain.ts'
import { placeFault, type ConfigFault, type Finding, type Path } from './fault.ts'
import { configSchema, type Config } from './schema.ts'
import { faultyPlaces, sketchOf, type Sketch } from './sketch.ts'
import { readYaml } from './yaml.ts'

export type ParsedConfig = { readonly ok: Config } | { readonly faults: readonly ConfigFault[] }

/** What load.ts needs beside the result, to check the files that the configuration names. */
export interface ReadText {
  readonly result: ParsedConfig
  /** What can be trusted of the file, also when it has faults. */
  readonly sketch: Sketch
  readonly lineOf: (at: Path) => number | undefined
}

/**
 * Reads a configuration file. An empty text is the configuration of defaults. With faults, there are all of them, in
 * the order of the file: keys that stand twice, the schema's and the cross-checks'. A text that is not YAML has its
 * syntax faults only: what the rest of it means is anybody's guess. Never throws.
 */
export function parseConfig(text: string): ParsedConfig {
  return readConfigText(text).result
}

export function readConfigText(text: string): ReadText {
  const yaml = readYaml(text)
  const { lineOf } = yaml
  if (yaml.broken) return { result: { faults: yaml.faults }, sketch: {}, lineOf }

  const checked = checkConfig(yaml.data === undefined ? {} : yaml.data)
  const faults = [...yaml.faults, ...checked.findings.map((found) => placeFault(found, lineOf))]
  const result = checked.ok && faults.length === 0 ? { ok: checked.ok } : { faults: inOrder(faults) }
  return { result, sketch: checked.sketch, lineOf }
}

/** The same for data that is parsed already. `ok` is there when `findings` is empty. */
export function checkConfig(data: unknown): { ok?: Config; findings: Finding[]; sketch: Sketch } {
  const parsed = configSchema.safeParse(data)
  const found = parsed.success ? [] : onePerPlace(parsed.error.issues.flatMap((each) => explain(each, data)))
  const sketch = sketchOf(data, faultyPlaces(found.map((each) => each.at)))
  const findings = [...found, ...crossFindings(sketch)]
  return parsed.success && findings.length === 0
    ? { ok: parsed.data, findings, sketch }
    : { findings, sketch }
}

/** In the order of the file, as one reads down it; what has no line concerns the file and comes first. */
export function inOrder(faults: readonly ConfigFault[]): ConfigFault[] {
  return [...faults].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

/** The first: "too short" and "not of the right form" are mended in one go. */
function onePerPlace(findings: readonly Finding[]): Finding[] {
  const byPlace = new Map<string, Finding>()
  for (const each of findings) {
    const place = JSON.stringify(each.at)
    if (!byPlace.has(place)) byPlace.set(place, each)
  }
  return [...byPlace.values()]
}
