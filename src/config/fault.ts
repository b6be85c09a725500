/** What is wrong with the configuration, in words for the person who wrote it. Pure. */

/** One fault. All texts are one line, printable and bounded; none holds a secret. */
export interface ConfigFault {
  /** Where: `certificates[0].domains[1]`; empty when the fault concerns the file as a whole. */
  readonly path: string
  /** What stood there, at most 80 characters; empty when nothing did, `(hidden)` where it may be a secret. */
  readonly value: string
  /** What is wrong with it; then, in the imperative, what to write instead. Reads on from the value. */
  readonly fix: string
  /** Line of the file, from 1, where the fault has one. */
  readonly line?: number
}

/** The way to a place in the file: keys and list positions. */
export type Path = readonly (string | number)[]

/** A fault before its place is turned into text and line. */
export interface Finding {
  readonly at: Path
  readonly value: string
  readonly fix: string
}

const longestValue = 80
const hidden = '(hidden)'
const bareKey = /^[A-Za-z0-9_-]{1,80}$/
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const userinfo = /\/\/[^\s/?#]*@/g

/** `certificates[0].domains[1]`, `issuers.my-ca.directory`; keys of other characters are quoted: `issuers["my ca"]`. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`
      if (!bareKey.test(part)) return `[${quote(part)}]`
      return index === 0 ? part : `.${part}`
    })
    .join('')
}

/**
 * A value as it is shown. Lists and objects show only what they are: one of their members may be a secret that
 * stands at the wrong place. For the same reason the user and password of a URL are left out.
 */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'undefined':
      return ''
    default:
      if (value === null) return 'null'
      return Array.isArray(value) ? `(a list of ${value.length})` : '(an object)'
  }
}

/** A finding at a place; `secret` hides what stands there. */
export function finding(at: Path, value: unknown, fix: string, secret = false): Finding {
  const telling = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
  return { at, value: secret && telling ? hidden : showValue(value), fix }
}

/** Adds the line and the text of the place. */
export function placeFault(found: Finding, lineOf: (at: Path) => number | undefined): ConfigFault {
  const line = lineOf(found.at)
  const fault = { path: formatPath(found.at), value: found.value, fix: found.fix }
  return line === undefined ? fault : { ...fault, line }
}

/** For terminals and logs: one line a fault, `port80.yaml:12: certificates[0].domains[1]: "*.a.test" is a wildcard, …`. */
export function formatFaults(faults: readonly ConfigFault[], fileName: string): string {
  return faults.map((fault) => formatFault(fault, fileName)).join('\n')
}

function formatFault(fault: ConfigFault, fileName: string): string {
  const file = fault.line === undefined ? fileName : `${fileName}:${fault.line}`
  const words = fault.value === '' ? fault.fix : `${fault.value} ${fault.fix}`
  return fault.path === '' ? `${file}: ${words}` : `${file}: ${fault.path}: ${words}`
}

function quote(text: string): string {
  // Cut first: the text comes from a file of any size.
  const start = text.slice(0, 4 * longestValue).replace(userinfo, '//…@')
  const quoted = JSON.stringify(start).replace(unprintable, escaped)
  return quoted.length <= longestValue ? quoted : `${quoted.slice(0, longestValue - 2).toWellFormed()}…"`
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
