/**
 * What a preflight means for the order that waits for it. Pure. A refusal costs the CA nothing; an order that cannot be
 * validated costs one of the few failed validations that a CA allows an hour.
 */
import type { PreflightPolicy } from '../config/reach-schema.ts'
import { fixText, severityOf, inOrder, objectText, type Finding } from '../finding/finding.ts'
import type { LegLook } from './leg-look.ts'

export type PreflightDecision =
  | { readonly do: 'goOn'; readonly findings: readonly Finding[] }
  | {
      readonly do: 'refuse'
      readonly findings: readonly Finding[]
      /** Codes, what was seen and what to do, at most 500 printable characters. */
      readonly detail: string
      readonly host?: string
    }

/**
 * Only an error refuses. A warning says that the leg cannot be judged from here (hairpin, split DNS), and nobody can mend
 * what is not broken; no look at all is no reason either.
 */
export function decidePreflight(
  policy: Exclude<PreflightPolicy, 'off'>,
  looks: readonly LegLook[],
): PreflightDecision {
  const findings = findingsOf(looks)
  const errors = findings.filter((each) => severityOf(each) === 'error')
  const [first] = errors
  if (policy === 'warn' || first === undefined) return { do: 'goOn', findings }
  return {
    do: 'refuse',
    findings,
    detail: refusal(errors),
    ...(first.host !== undefined && { host: first.host }),
  }
}

/** Each once: four pods behind one wrong route are one finding. */
export function findingsOf(looks: readonly Pick<LegLook, 'finding'>[]): Finding[] {
  const byText = new Map<string, Finding>()
  for (const { finding } of looks) {
    if (!finding) continue
    const key = JSON.stringify([finding.code, objectText(finding.object), finding.host ?? ''])
    if (!byText.has(key)) byText.set(key, finding)
  }
  return inOrder([...byText.values()])
}

const longest = 500

function refusal(errors: readonly Finding[]): string {
  const [first, ...others] = errors
  if (!first) return ''
  const more = others.map(({ code }) => code).filter((code) => code !== first.code)
  const rest = more.length === 0 ? '' : ` (also ${[...new Set(more)].join(', ')})`
  const said = `${first.code} ${objectText(first.object)}: ${first.seen}${rest}; to mend it: ${fixText(first.fix)}`
  const printable = said.replace(/[^\x20-\x7e]+/g, ' ')
  return printable.length > longest ? `${printable.slice(0, longest - 3)}...` : printable
}
