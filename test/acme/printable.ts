import t from 'tap'
import fc from 'fast-check'
import { firstHttpsUrl, httpsUrl, sanitizeDetail } from '../../src/acme/printable.ts'

const texts: readonly (readonly [string, string, string])[] = [
  ['plain words stay', 'Fetching http://a.test: 404', 'Fetching http://a.test: 404'],
  ['line ends and tabs become one space', 'a\r\n\t b', 'a b'],
  ['escape sequences lose their escape', '\u001b[31mred\u001b[0m', '[31mred [0m'],
  ['bidi overrides and isolates go', 'a\u202eb\u2066c\u200fd', 'a b c d'],
  ['zero-width characters go', 'a\u200bb\ufeffc', 'a b c'],
  ['line and paragraph separators go', 'a\u2028b\u2029c', 'a b c'],
  ['half a surrogate pair goes', 'a\ud800b', 'a b'],
  ['letters of other scripts stay', 'größer 証明書 🙂', 'größer 証明書 🙂'],
  ['nothing printable is nothing', '\u0000\u0007', ''],
]

for (const [name, text, expected] of texts) t.equal(sanitizeDetail(text), expected, name)

t.equal(sanitizeDetail('x'.repeat(600)), `${'x'.repeat(499)}…`, 'five hundred characters at the most')
t.equal(sanitizeDetail('x'.repeat(500)).length, 500, 'and exactly five hundred stay')
t.equal(sanitizeDetail(`${'x'.repeat(9)}🙂xx`, 11), `${'x'.repeat(9)}…`, 'no pair is cut in half')

t.test('whatever comes in, what goes out is bounded, printable and stable', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const clean = sanitizeDetail(text)
      return clean.length <= 500 && !/\p{C}/u.test(clean) && sanitizeDetail(clean) === clean
    }),
  )
  t.pass()
})

t.equal(
  firstHttpsUrl('Please visit: https://ca.example/unpause?jwt=a.b.c.'),
  'https://ca.example/unpause?jwt=a.b.c',
  'a link without the full stop behind it',
)
t.equal(firstHttpsUrl('see http://ca.example/'), undefined, 'http is not passed on')
t.equal(firstHttpsUrl('no link'), undefined)

const urls: readonly (readonly [string, unknown, string | undefined])[] = [
  ['https', 'https://ca.example/why', 'https://ca.example/why'],
  ['http', 'http://ca.example/why', undefined],
  ['javascript', 'javascript:alert(1)', undefined],
  ['credentials', 'https://user:secret@ca.example/', undefined],
  ['not a string', 42, undefined],
  ['not a URL', 'https://', undefined],
  ['too long', `https://ca.example/${'x'.repeat(2_000)}`, undefined],
]
for (const [name, value, expected] of urls) t.equal(httpsUrl(value), expected, name)
