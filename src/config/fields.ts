/**
 * Field kinds that several sections of the configuration share. Pure.
 *
 * Each kind has two texts. `title` is a noun phrase, "a duration from 1s to 24d, such as 30s": the documentation shows it
 * as the kind of value, and a fault says "write …" in front of it. `description` says what the setting does.
 */
import { isIP } from 'node:net'
import { z } from 'zod'
import { durationPattern, parseDuration } from './duration.ts'

/** Bounds of a duration, as written in the file. */
export interface DurationRange {
  readonly min?: string
  readonly max?: string
}

/** Node's timers hold 2^31-1 ms (24.8 days) and fire at once beyond that. */
const timer = { min: '0s', max: '24d' } as const

/** A duration in the file, milliseconds in the program. `fallback` is written as in the file. */
export const durationSchema = (fallback: string, text: string, range: DurationRange = {}) =>
  milliseconds(range)
    .prefault(fallback)
    .meta({ title: durationTitle(range, fallback), description: text })

/** A duration without a default. */
export const optionalDurationSchema = (example: string, text: string, range: DurationRange = {}) =>
  milliseconds(range)
    .optional()
    .meta({ title: durationTitle(range, example), description: text })

/** A duration that has to be written. */
export const requiredDurationSchema = (example: string, text: string, range: DurationRange = {}) =>
  milliseconds(range).meta({ title: durationTitle(range, example), description: text })

function milliseconds(range: DurationRange) {
  const { min, max } = { ...timer, ...range }
  return z
    .string()
    .regex(durationPattern)
    .superRefine((text, context) => {
      const value = parseDuration(text)
      if (value === undefined) return // the pattern says so already
      if (value < (parseDuration(min) ?? 0))
        context.addIssue(`is too short; write a duration of at least ${min}`)
      if (value > (parseDuration(max) ?? 0))
        context.addIssue(`is too long; write a duration of at most ${max}`)
    })
    .transform((value) => parseDuration(value) ?? 0)
}

function durationTitle(range: DurationRange, example: string): string {
  const { min, max } = { ...timer, ...range }
  return `a duration (whole number and unit) from ${min} to ${max}, such as ${example}`
}

export const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
  .meta({ title: 'a name of lower-case letters, digits and hyphens, at most 63, such as book' })

export const portSchema = z.int().min(0).max(65_535).meta({ title: 'a port from 0 to 65535' })

/** A file or folder. Relative ones start at the folder of the configuration file (src/config/load.ts). */
export const pathSchema = (example: string) =>
  z
    .string()
    .min(1)
    .max(4_096)
    .regex(/^[^\0-\x1f\x7f]*$/)
    .meta({ title: `a path such as ${example}` })

export const hostSchema = z
  .string()
  .max(253)
  .superRefine((text, context) => {
    if (isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)) return
    context.addIssue('is no address; write an IP address without brackets or port, such as :: or 127.0.0.1')
  })
  .meta({ title: 'an IP address such as 127.0.0.1, or a host name' })

/** Network ranges: `10.0.0.0/8`, `2001:db8::/32`. */
export const cidrSchema = z
  .union([z.cidrv4(), z.cidrv6()])
  .meta({ title: 'a network range such as 10.0.0.0/8 or 2001:db8::/32' })

const placeholders = ['{identifier}', '{token}']

/** The front door for the self-check: a URL once its placeholders are filled in. */
export const selfCheckUrlSchema = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[^\s]+$/)
  .superRefine((text, context) => {
    const unknown = (text.match(/\{[^}]*\}?/g) ?? []).find((part) => !placeholders.includes(part))
    if (unknown !== undefined) {
      context.addIssue('has an unknown placeholder; write no other than {identifier} and {token}')
    } else if (!text.includes('{token}')) {
      context.addIssue('does not name the token; put {token} where the token of the challenge belongs')
    } else if (!URL.canParse(text.replaceAll('{identifier}', 'a.test').replaceAll('{token}', 'a'))) {
      context.addIssue('is no URL; write one such as http://{identifier}/.well-known/acme-challenge/{token}')
    }
  })
  .meta({
    title:
      'a URL with {identifier} and {token}, such as http://{identifier}/.well-known/acme-challenge/{token}',
  })
