/** Field kinds that several sections of the configuration share. Pure. */
import { z } from 'zod'
import { durationPattern, parseDuration } from './duration.ts'

/** A duration in the file, milliseconds in the program. `fallback` is written as in the file. */
export const durationSchema = (fallback: string, text: string) =>
  z
    .string()
    .regex(durationPattern)
    .transform((value) => parseDuration(value) ?? 0)
    .prefault(fallback)
    .describe(`${text} A duration: a whole number and ms, s, m, h or d, such as 90s or 12h.`)

export const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
  .describe('A name: lower-case letters, digits and hyphens, at most 63, such as book.')

export const portSchema = z.int().min(0).max(65_535)
