/** Text of the other side, made safe to store, log and show. Pure. */

/**
 * At most `length` printable characters on one line. Control, format (bidi overrides, zero-width), private, unassigned
 * and half characters become spaces: a CA, or whoever answers in its place, must not write into terminals, turn a log
 * line round or fill a disk.
 */
export function sanitizeDetail(text: string, length = 500): string {
  // A multiple is kept before cleaning, so that cleaning a megabyte costs nothing.
  const clean = text
    .slice(0, length * 8)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  if (clean.length <= length) return clean
  return `${clean.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** The first https URL in a text, without the punctuation that ends a sentence; at most 2,000 characters. */
export function firstHttpsUrl(text: string): string | undefined {
  return httpsUrl(/https:\/\/[^\s"'<>]{1,2000}/.exec(text)?.[0].replace(/[.,;:)\]]+$/, ''))
}

/** The text when it is an https URL of a sane length without credentials, in its normal form. */
export function httpsUrl(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 2_000 || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined
}
