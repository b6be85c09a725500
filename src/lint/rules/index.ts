/** Every rule of lint. Pure. One line each. */
import type { Rule } from '../objects.ts'
import { httpsRedirect } from './https-redirect.ts'
import { lostPrefix } from './lost-prefix.ts'

export const rules: readonly Rule[] = [
  httpsRedirect, //
  lostPrefix,
]
