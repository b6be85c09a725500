/** Keys of the state store: their syntax and the version of a text. Pure. */
import { hash } from 'node:crypto'
import type { StateKey } from './store.ts'

export const stateKinds = ['account', 'budget', 'certificate', 'holds', 'request', 'traffic'] as const
export type StateKind = (typeof stateKinds)[number]

const namePattern = /^[a-z0-9][a-z0-9.-]{0,99}$/

export interface KeyParts {
  readonly kind: StateKind
  readonly name: string
}

/** The parts of a key, or `undefined` for what is none: it would become a path. */
export function partsOf(key: string): KeyParts | undefined {
  const slash = key.indexOf('/')
  const kind = stateKinds.find((each) => each === key.slice(0, slash))
  const name = key.slice(slash + 1)
  return kind !== undefined && namePattern.test(name) ? { kind, name } : undefined
}

export function keyOf(kind: StateKind, name: string): StateKey | undefined {
  return namePattern.test(name) ? `${kind}/${name}` : undefined
}

/**
 * The version of a text is its hash: no second file and no attribute that a copy or a restored backup could lose. The
 * price: writing back a text that was there before gives its old version again. For a condition of the form "what I
 * decided upon is still what is stored" that is right.
 */
export function versionOf(text: string): string {
  return hash('sha256', text)
}
