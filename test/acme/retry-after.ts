import t from 'tap'
import { parseRetryAfter, retryAfterInWords } from '../../src/acme/retry-after.ts'

const now = Date.parse('2026-11-24T12:00:00Z')
const hour = 3_600_000

const headers: readonly (readonly [string, string | undefined, number | undefined])[] = [
  ['absent', undefined, undefined],
  ['empty', '', undefined],
  ['seconds', '3600', now + hour],
  ['seconds with spaces round them', ' 3600 ', now + hour],
  ['zero', '0', now],
  ['negative seconds are now', '-5', now],
  ['IMF-fixdate', 'Tue, 24 Nov 2026 13:00:00 GMT', now + hour],
  ['RFC 850 date', 'Tuesday, 24-Nov-26 13:00:00 GMT', now + hour],
  ['asctime date, which is in GMT too', 'Tue Nov 24 13:00:00 2026', now + hour],
  ['a date that has passed is now', 'Tue, 24 Nov 2026 11:00:00 GMT', now],
  ['more than a year is cut to a year', '999999999999', now + 366 * 24 * hour],
  ['a date in a thousand years is cut', 'Fri, 24 Nov 3026 13:00:00 GMT', now + 366 * 24 * hour],
  ['a fraction', '1.5', undefined],
  ['words', 'soon', undefined],
  ['a weekday with nonsense', 'Tue, 99 Foo 2026 13:00:00 GMT', undefined],
  ['a year alone is no date here', '2026-11-24', undefined],
  ['hexadecimal', '0x10', undefined],
]

for (const [name, header, expected] of headers) {
  t.equal(parseRetryAfter(header, now), expected, name)
}

const words: readonly (readonly [string, string, number | undefined])[] = [
  ['as Boulder writes it', 'too many, retry after 2026-11-24 13:00:00 UTC: see https://a.test', now + hour],
  ['as RFC 3339', 'Retry after 2026-11-24T13:00:00Z', now + hour],
  ['with a fraction', 'retry after 2026-11-24 13:00:00.123 UTC', now + hour],
  ['passed', 'retry after 1970-01-01 00:18:15 UTC', now],
  ['no such day', 'retry after 2026-99-24 13:00:00 UTC', undefined],
  ['no words', 'slow down', undefined],
]

for (const [name, detail, expected] of words) {
  t.equal(retryAfterInWords(detail, now), expected, name)
}
