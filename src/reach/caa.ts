/**
 * Whether the CAA records of a name let a CA issue for it (RFC 8659), by HTTP-01 (RFC 8657). Pure. Only `issue` counts: a
 * name that is validated by HTTP-01 is no wildcard.
 */

export interface CaaRecord {
  readonly critical: boolean
  readonly tag: string
  readonly value: string
}

/** What the DNS says at one name of the tree; undefined: it could not be asked. */
export interface CaaLevel {
  readonly name: string
  readonly records: readonly CaaRecord[] | undefined
}

export type CaaVerdict =
  | { readonly is: 'allowed' }
  /** Nobody could ask; a CA asks for itself. */
  | { readonly is: 'unknown' }
  /** `at`: the name that has the records; `others`: the CAs that they name, for people. */
  | { readonly is: 'forbidden'; readonly at: string; readonly others: readonly string[] }

/** The names that are asked, from the host up to its top-level domain. */
export function caaTree(host: string): string[] {
  const labels = host.split('.')
  return labels.map((_, index) => labels.slice(index).join('.')).slice(0, mostLevels)
}

/** A name has 127 labels at the most; nobody orders certificates for those. */
const mostLevels = 10
const knownTags: ReadonlySet<string> = new Set([
  ...['issue', 'issuewild', 'iodef', 'contactemail', 'contactphone', 'issuemail', 'issuevmc'],
])

/** `levels` from the host upwards: the first one with records counts, and only that. `identities` of the CA, any one will do. */
export function judgeCaa(levels: readonly CaaLevel[], identities: readonly string[]): CaaVerdict {
  for (const { name, records } of levels) {
    if (records === undefined) return { is: 'unknown' }
    if (records.length > 0) return judgeRecords(name, records, identities)
  }
  return { is: 'allowed' }
}

function judgeRecords(at: string, records: readonly CaaRecord[], identities: readonly string[]): CaaVerdict {
  const issue = records.filter(({ tag }) => tag.toLowerCase() === 'issue').map(({ value }) => policyOf(value))
  const others = [...new Set(issue.map(({ issuer }) => issuer))].filter((issuer) => printable.test(issuer))
  const forbidden = { is: 'forbidden', at, others } as const
  if (records.some(({ critical, tag }) => critical && !knownTags.has(tag.toLowerCase()))) return forbidden
  if (issue.length === 0) return { is: 'allowed' }
  const wanted = new Set(identities.map((each) => each.toLowerCase()))
  const lets = issue.some(
    ({ issuer, methods }) => wanted.has(issuer) && (methods === undefined || methods.includes('http-01')),
  )
  return lets ? { is: 'allowed' } : forbidden
}

/** What may be shown of a record that somebody else wrote. */
const printable = /^[a-z0-9.-]{1,100}$/

/** `ca.example; validationmethods=dns-01,http-01`: the accounturi is not looked at, the CA has the last word. */
function policyOf(value: string): { issuer: string; methods: readonly string[] | undefined } {
  const [issuer = '', ...parameters] = value.split(';').map((part) => part.trim())
  const methods = parameters
    .map((part) => /^validationmethods\s*=\s*(.*)$/i.exec(part)?.[1])
    .find((each) => each !== undefined)
  return { issuer: issuer.toLowerCase(), methods: methods?.split(',').map((each) => each.trim()) }
}
