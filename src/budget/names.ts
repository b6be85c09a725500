/** What a name counts for: its registered domain, and the exact set that it belongs to. Pure. */
import { createHash } from 'node:crypto'
import { getDomain } from 'tldts'

/**
 * By the public suffix list, its private part included (`github.io` is a suffix), as CAs count. A name that is a suffix
 * itself, and an address, count for themselves.
 */
export function registeredDomain(name: string): string {
  const plain = name.toLowerCase()
  return getDomain(plain, { allowPrivateDomains: true }) ?? plain
}

/** Bounded and legible, the same for every order of the same names: `a.example.com`, `a.example.com +2 1f3c9a0b…`. */
export function nameSet(names: readonly string[]): string {
  const sorted = [...new Set(names.map((name) => name.toLowerCase()))].sort()
  const [first = '', ...others] = sorted
  if (others.length === 0) return first
  const digest = createHash('sha256').update(sorted.join(',')).digest('hex').slice(0, 16)
  return `${first} +${others.length} ${digest}`
}

/** What a list of names counts for. */
export interface CountedNames {
  /** Of each name, once. */
  readonly registeredDomains: readonly string[]
  readonly set: string
}

/** Remembered as long as the list is: a plan over thousands asks for the same ones again and again. */
const counted = new WeakMap<readonly string[], CountedNames>()

export function countedNames(names: readonly string[]): CountedNames {
  const known = counted.get(names)
  if (known) return known
  const made = { registeredDomains: [...new Set(names.map(registeredDomain))], set: nameSet(names) }
  counted.set(names, made)
  return made
}
