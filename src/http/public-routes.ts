/** The fastify side of the public port: challenges, refusals, errors, and redirects that the fast path left over. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyServerFactory } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { lookPrefix, replicaHeader, signReplica } from '../challenge/replica.ts'
import { miss, type ChallengeAnswer, type ChallengeResult } from './challenge-answer.ts'
import type { Decision, RedirectStatus } from './redirect.ts'
import { refusal, type RefusalReason } from './refusal.ts'

/**
 * What happened, for metrics. Called once per answer on the way of every request, so it must cost next to nothing
 * (label children looked up beforehand), must not throw and must not wait.
 */
export interface PublicObserver {
  challengeAnswered(result: ChallengeResult): void
  redirected(status: RedirectStatus): void
  refused(reason: RefusalReason): void
}

export interface PublicRoutesParts {
  readonly serverFactory: FastifyServerFactory
  /** The decision for a request; always the same one for the same request. */
  readonly decisionOf: (request: IncomingMessage) => Decision
  readonly answerToken: (token: string, host: string) => ChallengeAnswer | Promise<ChallengeAnswer>
  /** Name of this replica, told to looks of our own only. */
  readonly replica: string
  readonly observer: PublicObserver
  readonly onError: (error: unknown) => void
}

const text = 'text/plain; charset=utf-8'

/** Resolves when the routes are ready; never listens. */
export async function publicRoutes(parts: PublicRoutesParts): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    serverFactory: parts.serverFactory,
    // Draining answers everything as usual; fastify's own 503 would refuse requests that are still ours.
    return503OnClosing: false,
    // Raw parser errors are answered by src/http/parser-errors.ts.
    clientErrorHandler: () => undefined,
    // A path that fastify's router cannot read (`/%`) has its decision like every other.
    frameworkErrors: (_error, request, reply) => void answer(parts, request.raw, reply),
    routerOptions: { maxParamLength: 128 },
  })
  // Everything but a challenge with a good token is answered before fastify looks at the body: a broken one (or a
  // content type that nobody can parse) is the client's affair and changes nothing.
  app.addHook('onRequest', (request, reply, done) => {
    if (challengeOf(parts, request.raw) === undefined) answer(parts, request.raw, reply)
    else done()
  })
  const answerChallenge = (
    { raw }: { raw: IncomingMessage },
    reply: FastifyReply,
  ): Promise<FastifyReply> | undefined => {
    const challenge = challengeOf(parts, raw)
    if (challenge === undefined) throw new Error('a request without a token reached the challenge handler')
    const send = (answered: ChallengeAnswer) => {
      if (challenge.token.startsWith(lookPrefix)) signLook(parts.replica, reply, answered)
      return sendChallenge(parts, reply, answered)
    }
    const answered = parts.answerToken(challenge.token, challenge.host)
    if (answered instanceof Promise) return answered.then(send)
    // A reply can be awaited: given back it would cost the promise that is saved here.
    send(answered)
    return undefined
  }
  app.get('/.well-known/acme-challenge/:token', answerChallenge)
  // Where the router goes its own ways (an Accept-Version header), the decision still holds.
  app.setNotFoundHandler(answerChallenge)
  app.setErrorHandler((error, _request, reply) => {
    parts.onError(error)
    return sendRefusal(parts, reply, 'internalError')
  })
  await app.ready()
  return app
}

function challengeOf(
  parts: PublicRoutesParts,
  raw: IncomingMessage,
): { token: string; host: string } | undefined {
  const decision = parts.decisionOf(raw)
  if (decision.do !== 'challenge' || decision.token === undefined) return undefined
  if (raw.method !== 'GET' && raw.method !== 'HEAD') return undefined
  return { token: decision.token, host: decision.host }
}

function answer(parts: PublicRoutesParts, raw: IncomingMessage, reply: FastifyReply): FastifyReply {
  const decision = parts.decisionOf(raw)
  switch (decision.do) {
    case 'challenge': {
      const reads = raw.method === 'GET' || raw.method === 'HEAD'
      return sendChallenge(parts, reply, miss(reads ? 'malformedToken' : 'wrongMethod'))
    }
    case 'redirect':
      parts.observer.redirected(decision.status)
      return reply
        .code(decision.status)
        .headers({
          location: decision.location,
          'cache-control': decision.cacheControl,
          'content-length': '0',
        })
        .send()
    case 'refuse':
      return sendRefusal(parts, reply, decision.reason)
  }
}

/** The token of a look is answered with who answers; whatever a CA asks for is answered as it always was. */
function signLook(replica: string, reply: FastifyReply, { result, body }: ChallengeAnswer): void {
  const signed = result === 'answered' ? signReplica(replica, body) : undefined
  if (signed !== undefined) reply.header(replicaHeader, signed)
}

function sendChallenge(
  { observer }: PublicRoutesParts,
  reply: FastifyReply,
  answered: ChallengeAnswer,
): FastifyReply {
  observer.challengeAnswered(answered.result)
  if (answered.result === 'wrongMethod') reply.header('allow', 'GET, HEAD')
  return sendText(reply, answered.status, answered.body)
}

function sendRefusal(
  { observer }: PublicRoutesParts,
  reply: FastifyReply,
  reason: RefusalReason,
): FastifyReply {
  observer.refused(reason)
  const refused = refusal(reason)
  return sendText(reply, refused.status, refused.text)
}

/** `no-store`: a cached miss or refusal would outlive its reason; `nosniff`: a token is never anything but text. */
function sendText(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply
    .code(status)
    .headers({ 'content-type': text, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .send(body)
}
