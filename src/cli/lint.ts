/** `port80 lint [FILE]...`: rules over objects from files or from the cluster. Writes nothing anywhere. */
import type { Severity } from '../finding/catalogue.ts'
import { severityOf } from '../finding/finding.ts'
import { givenSettings } from '../lint/config-maps.ts'
import { placeText } from '../lint/documents.ts'
import { readFiles } from '../lint/files.ts'
import type { LintScope, MeshObjects, ObjectList } from '../lint/objects.ts'
import { placesOf } from '../lint/places.ts'
import { readObjects } from '../lint/read-objects.ts'
import { reportJson } from '../lint/report-json.ts'
import { reportText, type PlacedFinding } from '../lint/report-text.ts'
import { rules } from '../lint/rules/index.ts'
import { lint } from '../lint/run.ts'
import { sarifOf } from '../lint/sarif.ts'
import { lintScope } from '../lint/scope.ts'
import type { CommandContext } from './io.ts'
import { exitCodes, type ExitCode } from './usage.ts'

/** What was read, judged. */
interface Linted {
  readonly found: readonly PlacedFinding[]
  readonly remarks: readonly string[]
  /** How many objects were looked at. */
  readonly objects: number
  /** What was named and is not there. */
  readonly faults: readonly string[]
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
  const paths = invocation.files ?? []
  if (paths.length === 0) {
    io.err('port80: reading the cluster is not there yet; name files, or - for stdin\n')
    return exitCodes.unavailable
  }
  const linted = await lintFiles(context, paths)
  print(context, linted)
  for (const each of linted.faults) io.err(`port80: ${each}\n`)
  if (linted.faults.length > 0) return exitCodes.unavailable
  if (linted.objects === 0) {
    io.err('port80: nothing to look at: no object of Kubernetes that concerns gateways was read\n')
    return exitCodes.unavailable
  }
  const counts = from[invocation.failOn ?? 'warning'] ?? []
  const failing = linted.found.some(({ finding }) => counts.includes(severityOf(finding)))
  return failing ? exitCodes.notAsWanted : exitCodes.done
}

function usageFault({ invocation }: CommandContext): string | undefined {
  const { failOn, json, sarif } = invocation
  if (failOn !== undefined && !Object.hasOwn(from, failOn)) return '--fail-on is one of error, warning, note'
  return json && sarif ? '--json and --sarif are two formats; choose one' : undefined
}

async function lintFiles(context: CommandContext, paths: readonly string[]): Promise<Linted> {
  const { io, invocation, config, configPath } = context
  const { namespace = 'default' } = invocation
  const stdin = io.input ?? none
  const { found, remarks, faults } = await readFiles({ paths, stdin, lines: invocation.sarif === true })
  const placeOf = new Map(found.map(({ object, place }) => [object, place]))
  const read = readObjects(
    found.map(({ object }) => object),
    {
      namespace,
      placeOf(object) {
        const place = placeOf.get(object)
        return place ? placeText(place) : ''
      },
    },
  )
  const given = givenSettings([...placeOf.keys()], namespace)
  const sources = { now: io.now(), objects: read.objects, given, whole: new Set<ObjectList>() }
  const scoped = lintScope({ ...sources, config: configPath === undefined ? undefined : config })
  const judged = judge(read.objects, scoped.scope)
  const places = placesOf(found, namespace)
  return {
    found: judged.findings.map((finding) => places.placed(finding)),
    remarks: [...remarks, ...read.remarks, ...given.remarks, ...scoped.remarks, ...judged.remarks],
    objects: countOf(read.objects),
    faults,
  }
}

function judge(objects: MeshObjects, scope: LintScope) {
  return lint(objects, scope, rules)
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

async function* none(): AsyncGenerator<Uint8Array> {}
