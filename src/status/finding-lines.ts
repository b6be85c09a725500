/** Findings for a terminal: what `port80 status` says of them, the worst first. Pure. */
import { catalogue } from '../finding/catalogue.ts'
import { objectText, pageOf, severityOf, type Fix } from '../finding/finding.ts'
import type { LastingFinding } from '../finding/reported.ts'
import { severityTones } from './finding-list.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { printable, wrap, type Paint } from './terminal.ts'
import { relative } from './time.ts'
import { counted } from './words.ts'

export interface LineOptions {
  readonly now: number
  readonly width: number
  readonly paint: Paint
}

/** More would push the certificates off the screen; the page and `--json` have all. */
const mostShown = 20

export function findingLines({ findings = [] }: StatusSnapshot, options: LineOptions): string[] {
  const shown = findings.slice(0, mostShown)
  const more = findings.length - shown.length
  return [
    ...shown.flatMap((finding) => linesOf(finding, options)),
    ...(more > 0 ? [`and ${counted(more, 'more finding')}: /status/findings, or port80 status --json`] : []),
  ]
}

function linesOf(finding: LastingFinding, { now, width, paint }: LineOptions): string[] {
  const { code, object, host, seen, fix, since } = finding
  const severity = severityOf(finding)
  const where = host === undefined ? '' : ` for ${host}`
  return [
    `${paint(`${severity} ${code}`, severityTones[severity])} ${printable(`${catalogue[code].title}${where}`)}`,
    ...wrap(`${objectText(object)}: ${seen} (since ${relative(since, now)})`, width, '  '),
    ...fixLines(fix, width),
    `  docs/${pageOf(code)}`,
  ]
}

/** A command stands in one line, however wide the terminal: it is there to be copied. */
function fixLines(fix: Fix, width: number): string[] {
  switch (fix.do) {
    case 'run':
      return [`  $ ${printable(fix.command)}`]
    case 'edit':
      return fix.yaml.split('\n').map((line) => `    ${printable(line)}`)
    case 'act':
      return wrap(fix.words, width, '  ')
  }
}
