/** HTTP-01 as a public CA does it: what is followed, what is believed, and what is said when it fails. */
import https from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as acme from 'acme-client'
import t from 'tap'
import { startTestCa } from '../../../demo/ca/test-ca.ts'
import { foreignClient } from '../fixtures/foreign-client.ts'
import { startResponder } from '../fixtures/responder.ts'

const responder = await startResponder()
const secure = https.createServer()
await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
const ca = await startTestCa({
  directory: t.testdir(),
  validationPort: responder.port,
  httpsValidationPort: (secure.address() as AddressInfo).port,
  validationTimeoutMs: 2_500,
})
t.teardown(async () => {
  secure.close()
  await ca.stop()
  await responder.stop()
})
const client = await foreignClient(ca)
await client.createAccount({ termsOfServiceAgreed: true })

/** Status and, when invalid, the problem of the challenge. `answer` gets the right key authorization. */
async function validate(
  answer: (keyAuthorization: string) => RequestListener | undefined,
  name = 'v.localhost',
): Promise<{ status: string; type: string; detail: string }> {
  const order = await client.createOrder({ identifiers: [{ type: 'dns', value: name }] })
  const [authorization] = await client.getAuthorizations(order)
  const challenge = authorization?.challenges[0]
  if (!challenge || !authorization) throw new Error('no challenge')
  const keyAuthorization = await client.getChallengeKeyAuthorization(challenge)
  responder.tokens.set(challenge.token, keyAuthorization)
  responder.answer = answer(keyAuthorization)
  await client.completeChallenge(challenge)
  await client.waitForValidStatus(challenge).catch(() => undefined)
  responder.answer = undefined
  const stored = [...ca.state.authorizations.values()].find(
    (each) => each.challenge.token === challenge.token,
  )
  const { status = '', error } = stored?.challenge ?? {}
  return { status, type: error?.type.split(':').at(-1) ?? '', detail: error?.detail ?? '' }
}

const say =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body)
const redirect = (location: string, status = 302) => say(status, '', { Location: location })
/** Redirects the challenge path, and answers everything else. */
const redirectOnce =
  (location: string, then: string, status = 302): RequestListener =>
  (request, response) =>
    (request.url?.startsWith('/.well-known/') ? redirect(location, status) : say(200, then))(
      request,
      response,
    )

const accepted: readonly [string, (key: string) => RequestListener | undefined][] = [
  ['the key authorization', () => undefined],
  ['white space behind it', (key) => say(200, `${key}\r\n\t `)],
  ['another content type', (key) => say(200, key, { 'Content-Type': 'text/html' })],
  ['no content length', (key) => (_, response) => void (response.write(key), response.end())],
  ...[301, 302, 307, 308].map((status): [string, (key: string) => RequestListener] => [
    `a ${status} to another path`,
    (key) => redirectOnce('/moved?x=1', key, status),
  ]),
  ['a redirect to another name', (key) => redirectOnce('http://other.localhost/moved', key)],
  ['a redirect to port 80 in full', (key) => redirectOnce('http://other.localhost:80/moved', key)],
  ['nine redirects', (key) => chain(9, key)],
]
for (const [name, answer] of accepted)
  t.test(`accepts ${name}`, async (t) => t.match(await validate(answer), { status: 'valid', detail: '' }))

const refused: readonly [string, (key: string) => RequestListener, string, RegExp][] = [
  ['something else', () => say(200, 'hello'), 'unauthorized', /not the key authorization.*got "hello"/],
  ['white space before it', (key) => say(200, ` ${key}`), 'unauthorized', /not the key authorization/],
  ['an HTML page', () => say(200, '<html>'.repeat(100)), 'unauthorized', /too long/],
  ['128 bytes', (key) => say(200, key.padEnd(128)), 'unauthorized', /too long/],
  ['an endless body', () => endless, 'unauthorized', /too long/],
  ['404', () => say(404, 'no'), 'unauthorized', /status 404, not 200/],
  ['204', () => say(204, ''), 'unauthorized', /status 204/],
  ['303, which is not followed', () => redirect('/moved', 303), 'unauthorized', /status 303/],
  ['a redirect without Location', () => say(301, ''), 'unauthorized', /status 301/],
  ['a redirect to itself', () => redirect(''), 'connection', /redirect loop/],
  ['eleven redirects', (key) => chain(11, key), 'connection', /more than 10 redirects/],
  ['a redirect to another port', () => redirect('http://v.localhost:9/'), 'connection', /only to port 80/],
  [
    'a redirect to another scheme',
    () => redirect('ftp://v.localhost/'),
    'connection',
    /only to http and https/,
  ],
  ['a redirect to no URL', () => redirect('http://['), 'connection', /not a URL/],
  ['a redirect to a public name', () => redirect('http://example.com/'), 'dns', /no address/],
  ['a redirect with a long target', () => redirect(`/${'x'.repeat(2_000)}`), 'connection', /too long/],
  ['silence', () => () => undefined, 'connection', /no answer in time/],
  ['a reset', () => (request) => void request.socket.destroy(), 'connection', /ECONNRESET/],
]
for (const [name, answer, type, detail] of refused)
  t.test(`refuses ${name}`, async (t) => {
    t.match(await validate(answer), { status: 'invalid', type, detail })
  })

t.test('follows a redirect to https without verifying the certificate there', async (t) => {
  let sni = ''
  secure.setSecureContext(await selfSigned())
  let body = ''
  const listener: RequestListener = (request, response) => {
    sni = (request.socket as unknown as { servername: string }).servername
    response.end(body)
  }
  secure.on('request', listener)
  t.teardown(() => secure.off('request', listener))
  const result = await validate((keyAuthorization) => {
    body = keyAuthorization
    return redirect('https://v.localhost/moved', 301)
  })
  t.match(result, { status: 'valid' })
  t.equal(sni, 'v.localhost')
})

t.test('says at which address nobody answered', async (t) => {
  ca.setValidationPort(1)
  t.teardown(() => ca.setValidationPort(responder.port))
  const result = await validate(() => undefined)
  t.match(result, { status: 'invalid', type: 'connection', detail: /ECONNREFUSED at 127\.0\.0\.1/ })
})

t.test('makes the order invalid, for good, when one validation fails', async (t) => {
  const order = await client.createOrder({
    identifiers: [
      { type: 'dns', value: 'good.localhost' },
      { type: 'dns', value: 'bad.localhost' },
    ],
  })
  for (const authorization of await client.getAuthorizations(order)) {
    const [challenge] = authorization.challenges
    if (!challenge) throw new Error('no challenge')
    if (authorization.identifier.value === 'good.localhost')
      responder.tokens.set(challenge.token, await client.getChallengeKeyAuthorization(challenge))
    await client.completeChallenge(challenge)
    await client.waitForValidStatus(challenge).catch(() => undefined)
  }
  t.equal((await client.getOrder(order)).status, 'invalid')
  const asked = responder.asked.length
  for (const authorization of await client.getAuthorizations(order)) {
    const [challenge] = authorization.challenges
    if (challenge) await client.completeChallenge(challenge)
  }
  t.equal(responder.asked.length, asked, 'a decided challenge is not tried again')
})

function chain(length: number, key: string): RequestListener {
  return (request, response) => {
    const hop = Number(/^\/hop\/(\d+)/.exec(request.url ?? '')?.[1] ?? 0)
    const next = hop < length ? redirect(`/hop/${hop + 1}`) : say(200, key)
    next(request, response)
  }
}

const endless: RequestListener = (_, response) => {
  const pour = setInterval(() => response.write('x'.repeat(100)), 5)
  response.on('close', () => clearInterval(pour))
}

async function selfSigned(): Promise<{ key: string; cert: string }> {
  const identifier = { type: 'dns', value: 'whatever.localhost' }
  const authorization: acme.Authorization = { identifier, status: 'pending', challenges: [], url: '' }
  const [key, cert] = await acme.crypto.createAlpnCertificate(authorization, 'x')
  return { key: key.toString(), cert: cert.toString() }
}
