// Runs the tables of docs/http.md: what the document promises is what a raw socket gets.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import type { ConfigInput } from '../../src/config/schema.ts'
import { startPublic, type Running } from './fixtures/public-server.ts'
import { ask, lines, type Answer } from './fixtures/raw-client.ts'

interface Rule {
  readonly request: readonly string[]
  readonly answer: readonly string[]
}

const document = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8')

/** Table rows whose first cell is a request, by the YAML block that stands last before them. */
function rulesOf(markdown: string): { config: ConfigInput; rules: Rule[] }[] {
  return markdown
    .split('```yaml\n')
    .slice(1)
    .map((part) => {
      const [yaml = '', text = ''] = part.split('```\n')
      const rows = text.split('\n').filter((line) => line.startsWith('| `'))
      return { config: parse(yaml) as ConfigInput, rules: rows.map(ruleOf) }
    })
}

function ruleOf(row: string): Rule {
  const [, request = '', answer = ''] = row.split(/(?<!\\)\|/)
  return { request: codeSpans(request), answer: codeSpans(answer) }
}

function codeSpans(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
}

/** One code span of an answer: the status, `body: …`, or a header. */
function holds(span: string, answer: Answer): boolean {
  if (/^\d{3}$/.test(span)) return answer.status === Number(span)
  const colon = span.indexOf(': ')
  const [name, value] = [span.slice(0, colon), span.slice(colon + 2)]
  if (name === 'body') return answer.body.trimEnd() === value
  return answer.headers.get(name.toLowerCase()) === value
}

/** What every answer of a kind has, whether its row says so or not. */
function missing({ headers, status }: Answer, closed: boolean): string[] {
  const redirect = status >= 300 && status < 400
  const telling = ['server', 'x-powered-by', 'strict-transport-security']
  const wanted: [what: string, holds: boolean][] = [
    ['a Location for redirects and only for them', redirect === headers.has('location')],
    ['no-store', redirect || headers.get('cache-control') === 'no-store'],
    ['text/plain', redirect || headers.get('content-type') === 'text/plain; charset=utf-8'],
    ['nosniff', redirect || headers.get('x-content-type-options') === 'nosniff'],
    ['a Content-Length', headers.has('content-length')],
    ['a connection that ends as announced', closed === (headers.get('connection') === 'close')],
    ['silence about the program', !telling.some((name) => headers.has(name))],
  ]
  return wanted.filter(([, holds]) => !holds).map(([what]) => what)
}

async function check(port: number, rule: Rule): Promise<string[]> {
  const closes = rule.answer.includes('Connection: close')
  const options = { head: rule.request[0]?.startsWith('HEAD ') === true, ...(closes ? {} : { answers: 1 }) }
  const bytes = Buffer.from(lines(...rule.request), 'utf8').toString('latin1')
  const { answers, closed, error } = await ask(port, bytes, options)
  const [answer] = answers
  if (answer === undefined || answers.length !== 1)
    return [`${answers.length} answers, ${error ?? 'no error'}`]
  const { status, headers, body } = answer
  const wrong = rule.answer.filter((span) => !holds(span, answer))
  const got = JSON.stringify({ status, headers: Object.fromEntries(headers), body })
  return [...wrong, ...missing(answer, closed)].map((what) => `${what}, got ${got}`)
}

const sections = rulesOf(document)

t.test('the document has its tables', async (t) => {
  t.equal(sections.length, 3)
  t.ok(sections.flatMap(({ rules }) => rules).length > 70)
})

for (const { config, rules } of sections) {
  t.test(`docs/http.md with ${JSON.stringify(config)}`, async (t) => {
    const running: Running = await startPublic(t, { config })
    for (const rule of rules) {
      t.strictSame(await check(running.port, rule), [], encodeURI(rule.request.join(' ')))
    }
    const counted = running.challenges.length + running.redirects.length + running.refusals.length
    t.equal(counted, rules.length, 'each answer was counted once')
  })
}
