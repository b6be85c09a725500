/**
 * What a stored record may hold that this version does not know: in the middle of a roll-out, and after a roll-back, an older
 * port80 reads and changes what a newer one wrote. Its members and its words are kept as they are and written back with the
 * rest. Pure. (What is only read, the published status, leaves such an item out and counts it: src/status/newer.ts.)
 */
import { z } from 'zod'

declare const mark: unique symbol

/** A word of a closed set that has more words there than here. */
export type Newer = string & { readonly [mark]: true }

/** An object whose further members are kept. The type names only what is known. */
export function grown<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape)
}

/** One of `words`, or a word that a newer version may have: letters and digits, at most a hundred. */
export function wordOf<Word extends string>(words: readonly Word[]): z.ZodType<Word | Newer> {
  const known: ReadonlySet<string> = new Set(words)
  const word = z.string().refine((text) => known.has(text) || /^[A-Za-z][A-Za-z0-9]{0,99}$/.test(text))
  return word as unknown as z.ZodType<Word | Newer>
}

/** The word where it is one of these. */
export function knownWord<Word extends string>(
  word: Word | Newer | undefined,
  words: readonly Word[],
): Word | undefined {
  return words.find((each) => each === word)
}
