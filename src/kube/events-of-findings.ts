/**
 * Findings that began or ended between two looks, as Events on the Secrets of the certificate that they are about. Pure.
 * REASON is the code: an object has one Event for each, which says how it is now.
 */
import { catalogue, type FindingCode } from '../finding/catalogue.ts'
import { objectText, severityOf, type Fix } from '../finding/finding.ts'
import type { LastingFinding, Reported } from '../finding/reported.ts'
import type { News } from './events-of-change.ts'

export interface FindingChange {
  readonly certificate: string
  /** About this certificate, as told last. */
  readonly was: readonly LastingFinding[]
  readonly is: readonly LastingFinding[]
  /** Who has looked since this process leads: what a look of before found has ended only when that look was taken again. */
  readonly looked: Reported['looked']
}

export function newsOfFindings({ certificate, was, is, looked = [] }: FindingChange): News[] {
  const known = new Set(was.map(({ code }) => code))
  const began = firstOfEach(is).filter(({ code }) => !known.has(code))
  const there = new Set(is.map(({ code }) => code))
  const ended = firstOfEach(was).filter(({ code, from }) => !there.has(code) && looked.includes(from))
  return [
    ...began.map((finding) => ({ certificate, ...newsOfBeginning(finding, is) })),
    ...ended.map((finding) => ({ certificate, ...newsOfEnd(finding) })),
  ]
}

/** What is to be held against the next look: what nobody looked for anew is as it was. */
export function toldFindings({ was, is, looked = [] }: FindingChange): LastingFinding[] {
  const there = new Set(is.map(({ code }) => code))
  return [...is, ...was.filter(({ code, from }) => !there.has(code) && !looked.includes(from))]
}

function firstOfEach(findings: readonly LastingFinding[]): LastingFinding[] {
  const first = new Map<FindingCode, LastingFinding>()
  for (const finding of findings) if (!first.has(finding.code)) first.set(finding.code, finding)
  return [...first.values()]
}

function newsOfBeginning(finding: LastingFinding, all: readonly LastingFinding[]): Omit<News, 'certificate'> {
  const { code, object, host, seen, fix } = finding
  const more = all.filter((each) => each.code === code).length - 1
  const rest = more === 0 ? '' : ` (and ${more} more)`
  const where = host === undefined ? '' : ` for ${host}`
  return {
    type: severityOf(finding) === 'note' ? 'Normal' : 'Warning',
    reason: code,
    message: `${catalogue[code].title}${where}: ${objectText(object)}${rest}: ${seen}. Fix: ${fixText(fix)}`,
  }
}

function newsOfEnd({ code, object }: LastingFinding): Omit<News, 'certificate'> {
  return {
    type: 'Normal',
    reason: code,
    message: `No longer: ${catalogue[code].title} (${objectText(object)})`,
  }
}

function fixText(fix: Fix): string {
  switch (fix.do) {
    case 'run':
      return fix.command
    case 'edit':
      return `set ${fix.yaml.replaceAll(/\s*\n\s*/g, ' ')}`
    case 'act':
      return fix.words
  }
}
