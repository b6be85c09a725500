/** One finding: what is wrong where, what was seen, and how it is mended. Pure. */
import { catalogue, type FindingCode, type Severity } from './catalogue.ts'

/** The object at fault, as kubectl names it; for what is no object of a cluster, kind `Host`, `Issuer` or `File`. */
export interface FindingObject {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  /** Path in the object: `spec.servers[0].tls.httpsRedirect`. */
  readonly field?: string
}

/**
 * `run`: a command line for sh that mends it as it stands, kubectl with everything it needs. `edit`: lines of YAML for an
 * object or values file. `act`: words, where no command of the cluster can mend it (DNS, a firewall).
 */
export type Fix =
  | { readonly do: 'run'; readonly command: string }
  | { readonly do: 'edit'; readonly yaml: string }
  | { readonly do: 'act'; readonly words: string }

export interface Finding {
  readonly code: FindingCode
  readonly object: FindingObject
  /** The managed host that suffers; undefined where it concerns no one host. From the configuration, never from a stranger. */
  readonly host?: string
  /** At most 300 characters, no secret, no body of a foreign answer. */
  readonly seen: string
  readonly fix: Fix
}

export function severityOf({ code }: Pick<Finding, 'code'>): Severity {
  return catalogue[code].severity
}

/** Path below docs/, the same in the repository and on the web. */
export function pageOf(code: FindingCode): string {
  return `findings/${code}.md`
}

/** `Gateway istio-system/public spec.servers[0].tls`, for a line of text. */
export function objectText({ kind, namespace, name, field }: FindingObject): string {
  const place = namespace === undefined ? name : `${namespace}/${name}`
  return `${kind} ${place}${field === undefined ? '' : ` ${field}`}`
}

/** The command, the YAML or the words as they stand, where one line of text must do. */
export function fixText(fix: Fix): string {
  switch (fix.do) {
    case 'run':
      return fix.command
    case 'edit':
      return fix.yaml
    case 'act':
      return fix.words
  }
}

/** Errors first, then by code and object: the same findings always read the same. */
export function inOrder<Found extends Finding>(findings: readonly Found[]): Found[] {
  const rank: Record<Severity, number> = { error: 0, warning: 1, note: 2 }
  const key = (finding: Finding) => `${finding.code} ${objectText(finding.object)} ${finding.host ?? ''}`
  return [...findings].sort(
    (one, other) =>
      rank[severityOf(one)] - rank[severityOf(other)] ||
      (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0),
  )
}
