/** Reading what the API server, helm or a person wrote: null is absent, unknown members are ignored. Pure. */
import { z } from 'zod'

/** Absent, null and empty are one. */
export const list = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .nullish()
    .transform((value): readonly z.output<T>[] => value ?? [])

/** Undefined when absent or null. */
export const maybe = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value): z.output<T> | undefined => (value as z.output<T> | null) ?? undefined)

/** Empty when absent or null: the zero of protobuf. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

export const textOr = (fallback: string) => text.transform((value) => (value === '' ? fallback : value))

export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)

export const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value): Readonly<Record<string, string>> => value ?? {})

/** A port is a number, or in YAML that a template made now and then its digits. */
export const portNumber = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .nullish()
  .transform((value) => value ?? 0)
