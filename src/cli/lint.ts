/** `port80 lint [FILE]...`: rules over objects from files or from the cluster. Writes nothing anywhere. */
import type { Severity } from '../finding/catalogue.ts'
import { severityOf } from '../finding/finding.ts'
import type { MeshObjects } from '../lint/objects.ts'
import { reportJson } from '../lint/report-json.ts'
import { reportText, type PlacedFinding } from '../lint/report-text.ts'
import { rules } from '../lint/rules/index.ts'
import { lint } from '../lint/run.ts'
import { sarifOf } from '../lint/sarif.ts'
import { lintScope } from '../lint/scope.ts'
import type { CommandContext } from './io.ts'
import { clusterSource, filesSource, type LintSource } from './lint-sources.ts'
import { exitCodes, type ExitCode } from './usage.ts'

interface Linted {
  readonly found: readonly PlacedFinding[]
  readonly remarks: readonly string[]
  /** How many objects were looked at. */
  readonly objects: number
}

/** Each severity with those that are worse. */
const from: Readonly<Record<string, readonly Severity[]>> = {
  error: ['error'],
  warning: ['error', 'warning'],
  note: ['error', 'warning', 'note'],
}

export async function lintCommand(context: CommandContext): Promise<ExitCode> {
  const { invocation, io } = context
  const fault = usageFault(context)
  if (fault !== undefined) {
    io.err(`port80: ${fault}\n`)
    return exitCodes.usage
  }
  const isFiles = (invocation.files ?? []).length > 0
  const source = await (isFiles ? filesSource(context) : clusterSource(context))
  const linted = judge(context, source)
  print(context, linted)
  for (const each of source.faults) io.err(`port80: ${each}\n`)
  if (source.faults.length > 0) return exitCodes.unavailable
  if (linted.objects === 0) {
    io.err('port80: nothing to look at: no object of Kubernetes that concerns gateways was read\n')
    return exitCodes.unavailable
  }
  const counts = from[invocation.failOn ?? 'warning'] ?? []
  const failing = linted.found.some(({ finding }) => counts.includes(severityOf(finding)))
  return failing ? exitCodes.notAsWanted : exitCodes.done
}

function usageFault({ invocation }: CommandContext): string | undefined {
  const { failOn, json, sarif, files = [], namespace } = invocation
  if (failOn !== undefined && !Object.hasOwn(from, failOn)) return '--fail-on is one of error, warning, note'
  if (namespace !== undefined && files.length === 0)
    return '--namespace is for objects in files; the cluster is looked at as a whole'
  return json && sarif ? '--json and --sarif are two formats; choose one' : undefined
}

function judge({ io, config, configPath }: CommandContext, source: LintSource): Linted {
  const { objects, places } = source
  const named = configPath === undefined ? undefined : config
  const { scope, remarks } = lintScope({ ...source, now: io.now(), config: named })
  const judged = lint(objects, scope, rules)
  return {
    found: judged.findings.map((finding) => places?.placed(finding) ?? { finding }),
    remarks: [...source.remarks, ...source.given.remarks, ...remarks, ...judged.remarks],
    objects: countOf(objects),
  }
}

function countOf(objects: MeshObjects): number {
  const lists: readonly (readonly unknown[])[] = Object.values(objects)
  return lists.reduce((sum, { length }) => sum + length, 0)
}

function print({ io, invocation, version }: CommandContext, { found, remarks, objects }: Linted): void {
  for (const remark of remarks) io.err(`port80: ${remark}\n`)
  if (invocation.sarif) return io.out(document(sarifOf(found, { version, remarks })))
  if (invocation.json) return io.out(document(reportJson(found, { remarks, objects })))
  io.out(reportText(found, { objects }))
}

function document(data: unknown): string {
  return `${JSON.stringify(data, undefined, 2)}\n`
}
