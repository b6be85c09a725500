/** Which identifiers this CA issues for, and where they are found: this machine, nothing else. Pure. */
import { isIP } from 'node:net'
import { AcmeProblem, type ProblemDocument } from './problem.ts'

/** RFC 8555 §9.7.7 and RFC 8738 §3. */
export interface Identifier {
  readonly type: 'dns' | 'ip'
  /** Lower-case DNS name, or IP literal without brackets. */
  readonly value: string
}

/** The addresses of a name or address, in the order in which they are tried; undefined: not ours to issue for. */
export type Resolve = (identifier: Identifier) => readonly string[] | undefined

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/** `localhost`, everything below it, and loopback addresses (RFC 6761 §6.3): IPv6 first, as a real CA does. */
export const resolveLoopback: Resolve = (identifier) => {
  const { type, value } = identifier
  if (type === 'ip') return value === '::1' || value.startsWith('127.') ? [value] : undefined
  return value === 'localhost' || value.endsWith('.localhost') ? ['::1', '127.0.0.1'] : undefined
}

/** The identifiers of a newOrder, lower-cased, each once, or the problem that refuses them (RFC 8555 §7.4). */
export function acceptIdentifiers(
  asked: readonly { type: string; value: string }[],
  resolve: Resolve,
): readonly Identifier[] {
  const accepted = new Map<string, Identifier>()
  const refused: AcmeProblem[] = []
  for (const { type, value } of asked) {
    const identifier = { type, value: canonical(value) }
    const fault = faultOf(identifier, resolve)
    if (fault) refused.push(fault)
    else accepted.set(`${type} ${identifier.value}`, identifier as Identifier)
  }
  const [first] = refused
  if (first && refused.length === 1) throw first
  if (first) throw compound(refused.map((each) => each.document))
  return [...accepted.values()]
}

function faultOf(identifier: { type: string; value: string }, resolve: Resolve): AcmeProblem | undefined {
  const { type, value } = identifier
  if (type !== 'dns' && type !== 'ip')
    return new AcmeProblem(
      'unsupportedIdentifier',
      `Identifiers of type ${printable(type)} are not supported`,
    )
  if (!isWellFormed(type, value))
    return new AcmeProblem('malformed', `${printable(value)} is not a valid ${type} identifier`, {
      identifier,
    })
  if (resolve({ type, value })) return undefined
  const detail = `This is a test CA: it issues for localhost, *.localhost and loopback addresses, not for ${printable(value)}`
  return new AcmeProblem('rejectedIdentifier', detail, { identifier })
}

function isWellFormed(type: 'dns' | 'ip', value: string): boolean {
  if (type === 'ip') return isIP(value) !== 0
  // A wildcard is well-formed to ACME but cannot be validated by HTTP-01, the only challenge of this CA.
  return value.length <= 253 && isIP(value) === 0 && value.split('.').every((part) => label.test(part))
}

/** One spelling for comparison: lower case, and IPv6 as RFC 5952 has it. */
export function canonical(value: string): string {
  return isIP(value) === 6 ? new URL(`http://[${value}]/`).hostname.slice(1, -1) : value.toLowerCase()
}

/** `dns book.localhost`: a key for sets and maps. */
export function keyOf({ type, value }: { readonly type: string; readonly value: string }): string {
  return `${type} ${canonical(value)}`
}

/** RFC 8555 §6.7.1: one document that carries a subproblem for each refused identifier. */
function compound(subproblems: readonly ProblemDocument[]): AcmeProblem {
  return new AcmeProblem('rejectedIdentifier', `${subproblems.length} identifiers were refused`, {
    subproblems,
  })
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}
