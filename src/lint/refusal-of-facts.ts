/** The worker's own decision about a Secret (src/kube/secret-refusal.ts), from what lint keeps of it. Pure. */
import { refusalByTraits, type Refusal } from '../kube/secret-refusal.ts'
import type { LintScope, ManagedSecret } from './objects.ts'
import type { SecretFacts } from './secret-facts.ts'

/** Undefined: port80 may write it. */
export function refusalOfFacts(
  { type, immutable, keys, emptyKeys, leaf, marks }: SecretFacts,
  { takeOver = false }: ManagedSecret,
  { now, instance }: LintScope,
): Refusal | undefined {
  const traits = { type, immutable, beingDeleted: false, keys: [...keys, ...emptyKeys], marks }
  return refusalByTraits(
    { ...traits, ...(leaf && { leaf }) },
    { now, takeOver, ...(instance !== undefined && { instance }) },
  )
}
