/** Every rule of lint. Pure. One line each. */
import type { Rule } from '../objects.ts'
import { foreignSecret } from './foreign-secret.ts'
import { genericKeys } from './generic-keys.ts'
import { mismatchedKey } from './mismatched-key.ts'
import { meshRules } from './mesh-rules.ts'

export const rules: readonly Rule[] = [
  ...meshRules, //
  mismatchedKey,
  genericKeys,
  foreignSecret,
]
