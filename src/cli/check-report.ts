/** What `port80 check` says, for people and for programs. Pure. */
import { catalogue } from '../finding/catalogue.ts'
import { objectText, pageOf, severityOf, type Finding, type Fix } from '../finding/finding.ts'
import type { LegLook } from '../reach/leg-look.ts'
import { printable } from '../status/terminal.ts'

/** Of everything that is no challenge. `ok` absent: nobody was asked. An application may well answer there. */
export interface RedirectLook {
  readonly host: string
  readonly ok?: boolean
  readonly seen: string
}

/** Of the https port of one pod or name. */
export interface ServedLook {
  readonly host: string
  readonly at: string
  /** Absent: not judged. */
  readonly ok?: boolean
  readonly seen: string
  readonly finding?: Finding
}

export interface Checked {
  readonly hosts: readonly string[]
  readonly legs: readonly LegLook[]
  readonly redirects: readonly RedirectLook[]
  readonly served: readonly ServedLook[]
  /** Each once, the worst first. */
  readonly findings: readonly Finding[]
  /** Hosts for which time was up before everything about them was known. */
  readonly late: readonly string[]
  /** Milliseconds that the looks took in all. */
  readonly tookMs: number
}

/** A warning is no failure, and neither is a redirect that an application answers; what is not known is not well. */
export function verdictOf({ findings, late }: Pick<Checked, 'findings' | 'late'>): 'well' | 'bad' | 'late' {
  if (findings.some((each) => severityOf(each) === 'error')) return 'bad'
  return late.length > 0 ? 'late' : 'well'
}

/** The finding stands in `findings`; a leg names its code. */
export function checkJson(checked: Checked): object {
  const { hosts, legs, redirects, served, findings, late, tookMs } = checked
  return {
    hosts,
    ok: verdictOf(checked) === 'well',
    findings,
    legs: legs.map(({ finding, unjudged, ...leg }) => ({
      ...leg,
      ...(unjudged === undefined ? { ok: !finding } : { unjudged }),
      ...(finding && { code: finding.code }),
    })),
    redirects,
    ...(late.length > 0 && { late }),
    tookMs,
    served: served.map(({ finding, ...look }) => ({ ...look, ...(finding && { code: finding.code }) })),
  }
}

export function checkText(checked: Checked): string {
  const { hosts, findings } = checked
  const lines = [...hosts.flatMap((host) => linesOf(host, checked)), ...findings.flatMap(findingLines)]
  return `${lines.map(printable).join('\n')}\n`
}

function linesOf(host: string, { legs, redirects, served, late }: Checked): string[] {
  const of = <Look extends { readonly host: string }>(looks: readonly Look[]) =>
    looks.filter((look) => look.host === host)
  return [
    host,
    ...of(legs).map((look) => line(okOf(look), look.leg, `${placeOf(look)}${legSeen(look)}`)),
    ...of(redirects).map(({ ok, seen }) => line(ok, 'redirect', seen)),
    ...of(served).map(({ ok, at, seen }) => line(ok, 'https', `${at}: ${seen}`)),
    ...(late.includes(host) ? [line(undefined, 'late', 'not everything was answered in time')] : []),
    '',
  ]
}

function okOf({ finding, unjudged }: LegLook): boolean | undefined {
  if (unjudged !== undefined) return undefined
  return finding ? (severityOf(finding) === 'error' ? false : undefined) : true
}

function placeOf({ host, at }: LegLook): string {
  return at === host ? '' : `${at}: `
}

function legSeen({ finding, unjudged, replica }: LegLook): string {
  if (unjudged !== undefined) return `not judged, ${unjudged}`
  if (finding) return `${finding.code} ${catalogue[finding.code].title}`
  return `answers with our token${replica === undefined ? '' : ` (${replica})`}`
}

function line(ok: boolean | undefined, what: string, seen: string): string {
  const mark = ok === undefined ? '?' : ok ? 'ok' : 'NO'
  return `  ${mark.padEnd(2)}  ${what.padEnd(8)}  ${seen}`
}

function findingLines(finding: Finding): string[] {
  const { code, object, seen, fix } = finding
  return [
    `${severityOf(finding)} ${code} ${catalogue[code].title}`,
    `  ${objectText(object)}: ${seen}`,
    ...fixLines(fix),
    `  docs/${pageOf(code)}`,
  ]
}

/** A command stands in one line, lines of YAML in theirs: both are there to be copied. */
function fixLines(fix: Fix): string[] {
  switch (fix.do) {
    case 'run':
      return [`  $ ${fix.command}`]
    case 'edit':
      return ['  fix:', ...fix.yaml.split('\n').map((line) => `    ${line}`)]
    case 'act':
      return [`  fix: ${fix.words}`]
  }
}
