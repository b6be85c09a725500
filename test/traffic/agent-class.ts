import t from 'tap'
import { agentClassOf, type AgentClass } from '../../src/traffic/agent-class.ts'

const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
const rows: readonly (readonly [name: string, userAgent: string | undefined, expected: AgentClass])[] = [
  ['Chrome', chrome, 'browser'],
  ['Firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0', 'browser'],
  ['Opera of old', 'Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.16', 'browser'],
  ['Googlebot', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'bot'],
  ['a crawler in the text of a browser', `${chrome} (compatible; SomeCrawler)`, 'bot'],
  ['a CA that validates', 'Mozilla/5.0 (compatible; CA validation server; +https://ca.example)', 'bot'],
  ['curl', 'curl/8.11.0', 'library'],
  ['Go', 'Go-http-client/1.1', 'library'],
  ['Java', 'Java/21.0.5', 'library'],
  ['requests', 'python-requests/2.32.3', 'library'],
  ['our own look', 'port80 look', 'library'],
  ['an app', 'Bookshop/4.2 (Android 15)', 'other'],
  ['a robot in a word is none', 'Bottega/1.0', 'other'],
  ['empty', '', 'other'],
  ['absent', undefined, 'other'],
  ['what stands behind the bound is not read', `Mozilla/5.0 ${'x'.repeat(256)} Googlebot/2.1`, 'browser'],
]

for (const [name, userAgent, expected] of rows)
  t.test(name, async (t) => void t.equal(agentClassOf(userAgent), expected))
