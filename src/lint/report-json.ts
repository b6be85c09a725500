/** Findings for other programs: each with what the catalogue says of its code. Pure. */
import { catalogue, type Severity } from '../finding/catalogue.ts'
import { pageOf, severityOf, type Finding } from '../finding/finding.ts'
import type { PlacedFinding } from './report-text.ts'

export interface ReportedFinding extends Finding {
  readonly severity: Severity
  readonly title: string
  readonly why: string
  /** Below docs/. */
  readonly page: string
  readonly file?: string
  readonly line?: number
}

export function reportJson(
  found: readonly PlacedFinding[],
  rest: { readonly remarks: readonly string[]; readonly objects: number },
): { findings: readonly ReportedFinding[]; remarks: readonly string[]; objects: number } {
  return { findings: found.map(reported), ...rest }
}

function reported({ finding, place }: PlacedFinding): ReportedFinding {
  const { title, why } = catalogue[finding.code]
  return { ...finding, severity: severityOf(finding), title, why, page: pageOf(finding.code), ...place }
}
