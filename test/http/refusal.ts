import t from 'tap'
import { challengeResults, miss } from '../../src/http/challenge-answer.ts'
import { rawRefusal, reasonOfParserError } from '../../src/http/parser-errors.ts'
import { refusal, refusalReasons } from '../../src/http/refusal.ts'
import { parseAnswers } from './fixtures/raw-client.ts'

t.test('every refusal is one short line of ASCII that ends with its reason', async (t) => {
  for (const reason of refusalReasons) {
    const { text, status } = refusal(reason)
    t.match(text, new RegExp(`^[ -~]{10,200} \\(${reason}\\)\\n$`), reason)
    t.ok(status >= 400, `${reason} is ${status}`)
    t.equal(refusal(reason), refusal(reason), 'no object is made for it')
  }
  for (const result of challengeResults) {
    if (result === 'answered') continue
    const { body } = miss(result)
    t.match(body, new RegExp(`^[ -~]{10,100} \\(${result}\\)\\n$`), result)
  }
})

t.test('in raw bytes a refusal is a whole answer that ends its connection', async (t) => {
  for (const reason of refusalReasons) {
    const [answer, ...more] = parseAnswers(rawRefusal(reason))
    t.equal(more.length, 0)
    t.match(answer, { status: refusal(reason).status, body: refusal(reason).text }, reason)
    t.equal(answer?.headers.get('connection'), 'close')
    t.equal(answer?.headers.get('cache-control'), 'no-store')
  }
})

t.test('a parser error of node is refused as what it is', async (t) => {
  const rows = [
    ['HPE_HEADER_OVERFLOW', 'headersTooLarge'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 'requestTimeout'],
    ['HPE_INVALID_METHOD', 'malformed'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'malformed'],
    [undefined, 'malformed'],
  ] as const
  for (const [code, reason] of rows) t.equal(reasonOfParserError(code), reason, String(code))
})
