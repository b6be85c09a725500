/** Every rule of lint. Pure. One line each. */
import type { Rule } from '../objects.ts'
import { httpsRedirect } from './https-redirect.ts'
import { lostPrefix } from './lost-prefix.ts'
import { foreignSecret } from './foreign-secret.ts'
import { genericKeys } from './generic-keys.ts'
import { mismatchedKey } from './mismatched-key.ts'

export const rules: readonly Rule[] = [
  httpsRedirect, //
  lostPrefix,
  mismatchedKey,
  genericKeys,
  foreignSecret,
]
