/** Every rule of lint. Pure. One line each. */
import type { Rule } from '../objects.ts'

export const rules: readonly Rule[] = []
