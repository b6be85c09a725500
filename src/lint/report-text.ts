/** Findings as lines for people, without colour. Pure. */
import { catalogue, type Severity } from '../finding/catalogue.ts'
import { fixText, objectText, pageOf, severityOf, type Finding } from '../finding/finding.ts'

/** A finding, and where its object was found; undefined for one of a cluster. */
export interface PlacedFinding {
  readonly finding: Finding
  readonly place?: { readonly file: string; readonly line?: number }
}

/** Each finding as a block, in the order given, and a last line with counts. */
export function reportText(found: readonly PlacedFinding[], read: { readonly objects: number }): string {
  return [...found.map(blockOf), countsOf(found, read.objects)].join('\n')
}

function blockOf({ finding, place }: PlacedFinding): string {
  const { code, object, host, seen, fix } = finding
  const { title, why } = catalogue[code]
  const lines: (readonly [string, string])[] = [
    ['object', objectText(object)],
    ...(place ? [['file', placeOf(place)] as const] : []),
    ...(host === undefined ? [] : [['host', host] as const]),
    ['seen', seen],
    ['why', why],
    [fix.do === 'run' ? 'run' : 'fix', fixText(fix)],
    ['page', `docs/${pageOf(code)}`],
  ]
  return [`${severityOf(finding)} ${code}: ${title}`, ...lines.map(lineOf), ''].join('\n')
}

function lineOf([label, text]: readonly [string, string]): string {
  const indent = ' '.repeat(10)
  return `  ${label.padEnd(8)}${text.trimEnd().replaceAll('\n', `\n${indent}`)}`
}

function placeOf({ file, line }: NonNullable<PlacedFinding['place']>): string {
  return line === undefined ? file : `${file}:${line}`
}

function countsOf(found: readonly PlacedFinding[], objects: number): string {
  const of = (severity: Severity) => {
    const count = found.filter(({ finding }) => severityOf(finding) === severity).length
    return `${count} ${severity}${count === 1 ? '' : 's'}`
  }
  return `${of('error')}, ${of('warning')}, ${of('note')} in ${objects} object${objects === 1 ? '' : 's'}\n`
}
