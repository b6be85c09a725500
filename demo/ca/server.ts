/** The HTTP side of the CA: reads and verifies a request, hands it to its resource, writes the answer. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { accountOfKid } from './account.ts'
import type { PublicJwk } from './jwk.ts'
import { parseJws, verifyJws, type Jws } from './jws.ts'
import { AcmeProblem } from './problem.ts'
import { link, notFound, type AcmeRequest, type AcmeResponse, type Ca } from './request.ts'
import { routes, type Route } from './routes.ts'
import type { Account } from './state.ts'

const maxBodyBytes = 65_536

export function acmeListener(ca: Ca): RequestListener {
  return (request, response) => {
    answer(ca, request)
      .catch((error: unknown) => problemResponse(error))
      .then(async (result) => {
        // An answer must not promise what a restart would forget.
        await ca.state.saved()
        send(ca, { request, response }, result)
      })
      .catch((error: unknown) => response.destroy(error as Error))
  }
}

async function answer(ca: Ca, request: IncomingMessage): Promise<AcmeResponse> {
  const target = request.url ?? ''
  const [path = ''] = target.split('?')
  const route = routes.find((each) => each.path.test(path))
  if (!route) throw notFound()
  ca.stats.requests[route.name] = (ca.stats.requests[route.name] ?? 0) + 1
  checkMethod(route, request.method)
  const id = route.path.exec(path)?.[1] ?? ''
  const url = ca.origin + target
  if (route.signer !== 'none')
    return route.handle(ca, await authenticate(ca, route, { id, url, body: await readBody(request) }))
  const result = await route.handle(ca, { id, url })
  // RFC 8555 §7.2: 204 for GET, 200 for HEAD.
  return route.name === 'newNonce' && request.method === 'GET' ? { ...result, status: 204 } : result
}

/** Signed resources are POSTed to, also for reading (RFC 8555 §6.3); the others are GET and HEAD. */
function checkMethod(route: Route, method: string | undefined): void {
  const allowed = route.signer === 'none' ? ['GET', 'HEAD'] : ['POST']
  if (method !== undefined && allowed.includes(method)) return
  const headers = { Allow: allowed.join(', ') }
  throw new AcmeProblem('malformed', `The methods here: ${headers.Allow}`, { status: 405, headers })
}

/** RFC 8555 §6: envelope, signer, signature, URL, nonce. */
async function authenticate(
  ca: Ca,
  route: Route,
  { id, url, body }: { id: string; url: string; body: unknown },
): Promise<AcmeRequest> {
  const jws = parseJws(body)
  const signer = signerOf(ca, route, jws)
  verifyJws(jws, signer.key)
  if (jws.url !== url) throw new AcmeProblem('unauthorized', 'The url of the header is not the one asked')
  ca.nonces.consume(jws.nonce)
  if (route.readOnly && jws.payload !== undefined)
    throw new AcmeProblem('malformed', 'POST-as-GET has an empty payload')
  return { id, url, jws, ...signer }
}

function signerOf(ca: Ca, route: Route, jws: Jws): { key: PublicJwk; account?: Account } {
  if (jws.kid !== undefined && route.signer !== 'jwk') {
    const account = accountOfKid(ca, jws.kid)
    return { account, key: account.jwk }
  }
  if (jws.jwk && route.signer !== 'kid') return { key: jws.jwk }
  throw new AcmeProblem('malformed', `This resource needs a ${route.signer} in the protected header`)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type'] !== 'application/jose+json')
    throw new AcmeProblem('malformed', 'The content type is application/jose+json', { status: 415 })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new AcmeProblem('malformed', 'The request is too large', { status: 413 })
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    throw new AcmeProblem('malformed', 'The request is not JSON')
  }
}

function problemResponse(error: unknown): AcmeResponse {
  const problem =
    error instanceof AcmeProblem
      ? error
      : new AcmeProblem('serverInternal', error instanceof Error ? error.message : 'unknown')
  const { document, headers } = problem
  return { status: document.status, contentType: 'application/problem+json', headers, body: document }
}

function send(
  ca: Ca,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  result: AcmeResponse,
): void {
  const links = [link(`${ca.origin}/directory`, 'index'), ...[result.headers?.['Link'] ?? []].flat()]
  response.setHeaders(
    new Map(Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)])),
  )
  response.setHeader('Link', links)
  response.setHeader('Cache-Control', 'no-store')
  // RFC 8555 §6.5: on every success of a POST and on badNonce; here on every answer to a POST.
  if (request.method === 'POST' || request.url === '/new-nonce')
    response.setHeader('Replay-Nonce', ca.nonces.issue())
  const { body } = result
  const text = body === undefined ? '' : typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
  if (text !== '') response.setHeader('Content-Type', result.contentType ?? 'application/json')
  if (result.status !== 204) response.setHeader('Content-Length', Buffer.byteLength(text))
  response.statusCode = result.status
  response.end(request.method === 'HEAD' ? undefined : text)
}
