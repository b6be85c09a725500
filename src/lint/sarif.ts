/**
 * Findings as SARIF 2.1.0, for the code scanning of forges and editors. Pure.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import { catalogue, type FindingCode, type Severity } from '../finding/catalogue.ts'
import { fixText, objectText, pageOf, severityOf, type Finding } from '../finding/finding.ts'
import type { PlacedFinding } from './report-text.ts'

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'note' }

/** `version` is port80's. The rules are those that something was found by; remarks are notifications of the run. */
export function sarifOf(
  found: readonly PlacedFinding[],
  { version, remarks }: { readonly version: string; readonly remarks: readonly string[] },
): object {
  const codes = [...new Set(found.map(({ finding }) => finding.code))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'port80', version, rules: codes.map(ruleOf) } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: remarks.map((text) => ({ level: 'warning', message: { text } })),
          },
        ],
        results: found.map((each) => resultOf(each, codes)),
      },
    ],
  }
}

function ruleOf(code: FindingCode) {
  const { severity, title, why } = catalogue[code]
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: why },
    // A helpUri has to be absolute, and the pages are wherever this port80 is from.
    help: { text: `docs/${pageOf(code)} of port80` },
    defaultConfiguration: { level: levels[severity] },
  }
}

function resultOf({ finding, place }: PlacedFinding, codes: readonly FindingCode[]) {
  const { code, object } = finding
  const name = objectText(object)
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: levels[severityOf(finding)],
    message: { text: messageOf(finding) },
    locations: [
      {
        ...(place && {
          physicalLocation: {
            artifactLocation: { uri: uriOf(place.file) },
            region: { startLine: place.line ?? 1 },
          },
        }),
        logicalLocations: [{ fullyQualifiedName: name, kind: 'object' }],
      },
    ],
    partialFingerprints: { 'port80Finding/v1': `${code} ${name} ${finding.host ?? ''}`.trimEnd() },
  }
}

function messageOf({ object, host, seen, fix }: Finding): string {
  const whose = host === undefined ? '' : ` (${host})`
  return `${objectText(object)}${whose}: ${seen}\nFix: ${fixText(fix)}`
}

/** A relative path is a relative reference once its odd characters are escaped. */
function uriOf(file: string): string {
  const path = file.replace(/^\.\//, '').split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${path}` : path
}
