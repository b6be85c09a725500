/** What kind of program asks, by its User-Agent: a class of a closed set, and nothing of the text itself. Pure. */

export const agentClasses = ['browser', 'bot', 'library', 'other'] as const
export type AgentClass = (typeof agentClasses)[number]

/** Characters that are looked at: a stranger must not make the look long. */
const lookedAt = 256

/** Anywhere in the text: crawlers say so, also inside a browser's text, and most give the address of a page about them. */
const botWords =
  /bot\b|bot\/|crawl|spider|slurp|\+http|facebookexternalhit|headless|lighthouse|monitor|uptime/i

/** The first product (RFC 9110 §10.1.5) in lower case, of what people script and build with. */
const libraries: ReadonlySet<string> = new Set([
  ...['curl', 'libcurl', 'wget', 'httpie', 'postmanruntime', 'insomnia', 'aria2'],
  ...['python-requests', 'python-urllib', 'python-httpx', 'python', 'aiohttp', 'scrapy'],
  ...[
    'go-http-client',
    'go-resty',
    'okhttp',
    'java',
    'java-http-client',
    'apache-httpclient',
    'jetty',
    'dalvik',
  ],
  ...['axios', 'node', 'node-fetch', 'undici', 'got', 'deno', 'bun', 'superagent'],
  ...['ruby', 'faraday', 'rest-client', 'php', 'guzzlehttp', 'symfony', 'libwww-perl', 'lwp'],
  ...['reqwest', 'hyper', 'ureq', 'cfnetwork', 'winhttp', 'apachebench', 'wrk', 'k6', 'hey', 'port80'],
])

/** Every browser of the last twenty years but these begins with it. */
const browserStart = 'Mozilla/'
const oldBrowsers: ReadonlySet<string> = new Set(['opera', 'lynx', 'links', 'elinks', 'w3m'])

/** Absent, empty and unknown is `other`. Who lies about himself is believed: this counts, it does not protect. */
export function agentClassOf(userAgent: string | undefined): AgentClass {
  if (userAgent === undefined || userAgent === '') return 'other'
  const text = userAgent.length > lookedAt ? userAgent.slice(0, lookedAt) : userAgent
  if (botWords.test(text)) return 'bot'
  if (text.startsWith(browserStart)) return 'browser'
  const product = firstProduct(text)
  if (libraries.has(product)) return 'library'
  return oldBrowsers.has(product) ? 'browser' : 'other'
}

function firstProduct(text: string): string {
  const end = text.search(/[/ ;(]/)
  return (end === -1 ? text : text.slice(0, end)).toLowerCase()
}
