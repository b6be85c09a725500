/**
 * An HTTP-01 request as a public CA makes it: plain HTTP to port 80, redirects within narrow rules, TLS of a redirect's
 * target not verified, at most 128 bytes of answer. The rules are those of Let's Encrypt's validation authority.
 */
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import type { Settings } from './options.ts'
import { AcmeProblem } from './problem.ts'

const maxRedirects = 10
const maxTargetBytes = 2_000
const maxBodyBytes = 128
const followed = new Set([301, 302, 307, 308])

export interface Vantage {
  readonly settings: Settings
  /** Number of the vantage point, from 1; for the User-Agent. */
  readonly point: number
  readonly stopping: AbortSignal
}

interface Answer {
  readonly status: number
  readonly location?: string
  readonly body: string
}

/** The body of the final 200 and the URL it came from; AcmeProblem connection, dns or unauthorized. */
export async function askFor(start: URL, vantage: Vantage): Promise<{ body: string; from: string }> {
  const visited = new Set<string>()
  let url = start
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    if (visited.has(url.href)) throw new AcmeProblem('connection', `${shown(url)}: redirect loop`)
    visited.add(url.href)
    const answer = await ask(url, vantage)
    if (followed.has(answer.status) && answer.location !== undefined) {
      url = redirectTarget(url, answer.location, vantage.settings)
      continue
    }
    if (answer.status !== 200)
      throw new AcmeProblem('unauthorized', `${shown(url)}: the answer has status ${answer.status}, not 200`)
    if (Buffer.byteLength(answer.body) >= maxBodyBytes)
      throw new AcmeProblem('unauthorized', `${shown(url)}: the answer is too long to be a key authorization`)
    return { body: answer.body, from: shown(url) }
  }
  throw new AcmeProblem('connection', `${shown(start)}: more than ${maxRedirects} redirects`)
}

function redirectTarget(from: URL, location: string, settings: Settings): URL {
  const url = URL.parse(location, from.href)
  const fault = url ? redirectFault(url, settings) : 'the Location is not a URL'
  if (!url || fault) throw new AcmeProblem('connection', `${shown(from)}: redirect not followed: ${fault}`)
  return url
}

function redirectFault(url: URL, settings: Settings): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only to http and https'
  // The ports of the outside world, and the ones that stand for them on this machine.
  const ports = [80, 443, settings.validationPort, settings.httpsValidationPort]
  if (url.port !== '' && !ports.includes(Number(url.port))) return 'only to port 80 and port 443'
  if (Buffer.byteLength(url.pathname + url.search) > maxTargetBytes) return 'the target is too long'
  return undefined
}

/** Tries the addresses in order; goes on to the next one for connection errors only, never for a wrong answer. */
async function ask(url: URL, vantage: Vantage): Promise<Answer> {
  const value = url.hostname.replace(/^\[|\]$/g, '')
  const type = isIP(value) ? 'ip' : 'dns'
  const addresses = vantage.settings.resolve({ type, value }) ?? []
  let last = new AcmeProblem('dns', `${shown(url)}: no address`)
  for (const address of addresses) {
    try {
      return await askAddress(url, address, vantage)
    } catch (error) {
      const { name, code } = error as NodeJS.ErrnoException
      const what = name === 'AbortError' ? 'no answer in time' : (code ?? name)
      last = new AcmeProblem('connection', `${shown(url)}: ${what} at ${address}`)
    }
  }
  throw last
}

function askAddress(url: URL, address: string, vantage: Vantage): Promise<Answer> {
  const { settings, point, stopping } = vantage
  const secure = url.protocol === 'https:'
  const standIn = secure ? settings.httpsValidationPort : settings.validationPort
  const usual = secure ? 443 : 80
  const asked = url.port === '' ? usual : Number(url.port)
  const options: https.RequestOptions = {
    host: address,
    port: asked === usual ? standIn : asked,
    path: url.pathname + url.search,
    headers: {
      Host: url.host,
      Accept: '*/*',
      'User-Agent': `Mozilla/5.0 (compatible; port80 test CA; vantage point ${point})`,
      Connection: 'close',
    },
    agent: false,
    signal: AbortSignal.any([stopping, AbortSignal.timeout(settings.validationTimeoutMs)]),
  }
  const tls: https.RequestOptions = { rejectUnauthorized: false, minVersion: 'TLSv1.2' }
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0) tls.servername = url.hostname
  return new Promise((resolve, reject) => {
    const request = secure ? https.request({ ...options, ...tls }) : http.request(options)
    request.on('error', reject)
    request.on('response', (response) => void read(response).then(resolve, reject))
    request.end()
  })
}

/** Never more than the limit and one chunk is held, however much is sent. */
async function read(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= maxBodyBytes) break
  }
  const { statusCode, headers } = response
  return {
    status: statusCode ?? 0,
    ...(headers.location !== undefined && { location: headers.location }),
    body: Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('utf8'),
  }
}

/** Bounded: a redirect may have come from anywhere. */
function shown(url: URL): string {
  return url.href.slice(0, 300)
}
