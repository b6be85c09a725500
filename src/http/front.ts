/**
 * The first to see a request. It reads the facts, asks for the decision, answers redirects itself (nearly all of the
 * traffic) and hands everything else to fastify. Measured: fastify's not-found path costs a tenth of the rate.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { Connections } from './connections.ts'
import { readFacts, type RequestFacts } from './facts.ts'
import { hostMemo } from './host-memo.ts'
import { onParserError, rawRefusal } from './parser-errors.ts'
import type { PublicObserver } from './public-routes.ts'
import { decide, type Decision, type Redirect, type RedirectSettings } from './redirect.ts'
import { refusal, type RefusalReason } from './refusal.ts'
import type { RedirectCounter } from '../traffic/redirect-counter.ts'

/** What the public port asks of a logger; pino's. */
export type PublicLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'>

/** Everything that can be replaced while the server runs; replaced as one, so that no request sees half of it. */
export interface FrontRules {
  readonly redirect: RedirectSettings
  /** Bytes; larger bodies end the connection. */
  readonly maxDiscardedBody: number
}

export interface FrontParts {
  readonly rules: FrontRules
  readonly connections: Connections
  readonly observer: PublicObserver
  /** Absent: who comes over plain http is not counted. */
  readonly traffic?: RedirectCounter | undefined
  readonly log: PublicLog
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void
const decided = Symbol('decision')
type Decided = IncomingMessage & { [decided]?: Decision }
/** Set by node, and not in its types. */
type Limited = ServerResponse & { maxRequestsOnConnectionReached?: boolean }

/** A CA validates, and a team redirects, thousands of names at a time; all of them together stay below some 6 MB. */
const rememberedHosts = { hosts: 16_384, characters: 512 * 1_024 } as const
/** Characters of a target in a log line. */
const loggedTarget = 200

export class Front {
  rules: FrontRules
  /** While we go out of service: every answer is the last on its connection, so that clients open the next elsewhere. */
  leaving = false
  readonly #connections: Connections
  readonly #observer: PublicObserver
  readonly #log: PublicLog
  readonly #traffic: RedirectCounter | undefined
  readonly #readHost = hostMemo(rememberedHosts)
  /** Connections whose request is answered while its body is still coming. */
  readonly #owing = new WeakSet<Socket>()

  constructor(parts: FrontParts) {
    this.rules = parts.rules
    this.#connections = parts.connections
    this.#observer = parts.observer
    this.#log = parts.log
    this.#traffic = parts.traffic
  }

  /** Takes over the events of a node:http server. `next` is fastify's handler. */
  attach(server: Server, next: Handler): void {
    const answer: Handler = (request, response) => this.#answer(request, response, next)
    server.on('request', answer)
    // The final answer makes 100 (Continue) superfluous (RFC 9110 §10.1.1). The client may then send the body or not, so
    // nothing but the end of the connection is clear to both; node ends it where no 100 was sent.
    server.on('checkContinue', answer)
    // Another expectation changes nothing about a redirect; 417 is a MAY.
    server.on('checkExpectation', answer)
    server.on('connection', (socket: Socket) => this.#connections.add(socket))
    server.on('drop', () => this.#observer.refused('tooManyConnections'))
    server.on('connect', (_request: IncomingMessage, socket: Socket) => this.#refuseConnect(socket))
    const parts = {
      connections: this.#connections,
      isAnswered: (socket: Socket) => this.#owing.has(socket),
      refused: (reason: RefusalReason) => this.#observer.refused(reason),
    }
    server.on('clientError', onParserError(parts))
  }

  /** The decision for a request; made once. */
  decisionOf(request: IncomingMessage): Decision {
    return ((request as Decided)[decided] ??= this.#decide(readFacts(request)))
  }

  #answer(request: IncomingMessage, response: ServerResponse, next: Handler): void {
    const { socket } = request
    if (this.#connections.isEnding(socket)) {
      request.resume()
      return
    }
    const facts = readFacts(request)
    const decision = this.#decide(facts)
    if (facts.bodyLength > 0) this.#disregardBody(facts, request, response)
    // node announces the end of maxRequestsPerSocket, but leaves it to the client.
    if (this.leaving || (response as Limited).maxRequestsOnConnectionReached) response.shouldKeepAlive = false
    if (!response.shouldKeepAlive) this.#connections.endAfterThis(socket)
    if (decision.do === 'redirect') {
      this.#redirect(decision, facts, response)
      return
    }
    ;(request as Decided)[decided] = decision
    this.#connections.expectAnswer(response, socket)
    next(request, response)
  }

  #redirect(decision: Redirect, facts: RequestFacts, response: ServerResponse): void {
    const { status, location, cacheControl } = decision
    response.writeHead(status, ['Location', location, 'Cache-Control', cacheControl, 'Content-Length', '0'])
    response.end()
    this.#observer.redirected(status)
    const { method, userAgent } = facts
    const reads = method === 'GET' || method === 'HEAD'
    this.#traffic?.count({ host: decision.host, reads, userAgent }, Date.now())
    if (this.#log.isLevelEnabled('debug')) {
      const { host, target } = facts
      this.#log.debug({ status, host, target: target.slice(0, loggedTarget) }, 'redirected')
    }
  }

  #decide(facts: RequestFacts): Decision {
    try {
      return decide(facts, this.rules.redirect, this.#readHost)
    } catch (error) {
      // Thrown out of an event listener it would end the process, and with it every other answer.
      this.#log.error({ err: error }, 'a request could not be decided')
      return refusal('internalError')
    }
  }

  /** Small bodies are dropped by node behind the answer, and the connection lives on; others end it. */
  #disregardBody(facts: RequestFacts, request: IncomingMessage, response: ServerResponse): void {
    if (facts.bodyLength > this.rules.maxDiscardedBody) response.shouldKeepAlive = false
    const { socket } = request
    this.#owing.add(socket)
    request.once('end', () => this.#owing.delete(socket))
  }

  /** node hands CONNECT over as a bare socket; without a listener it would be reset. */
  #refuseConnect(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    this.#observer.refused('targetNotAPath')
    this.#connections.afterAnswers(socket, () => {
      if (socket.writable) socket.write(rawRefusal('targetNotAPath'))
      this.#connections.closeSoon(socket)
    })
  }
}
