/**
 * The public port, put together: node:http server, front, fastify, limits, and its life from listening to the last
 * connection. Building it listens to nothing.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { PublicListenerConfig } from '../config/schema.ts'
import { answerToken, findDeadline, type ChallengeAnswer, type ChallengeFinder } from './challenge-answer.ts'
import { Connections } from './connections.ts'
import { drain, stopAccepting, type StopBounds, type StopReport } from './drain.ts'
import { Front, type FrontRules, type PublicLog } from './front.ts'
import { applyLimits, lingerBounds, serverOptions } from './limits.ts'
import { listen } from './listen.ts'
import { publicRoutes, type PublicObserver } from './public-routes.ts'
import { hostName, redirectSettings, type RedirectFacts } from './redirect.ts'
import type { RedirectCounter } from '../traffic/redirect-counter.ts'
import { atMost, throttled } from './throttled-log.ts'

export type { StopBounds, StopReport } from './drain.ts'
export type { PublicLog } from './front.ts'
export type { PublicObserver } from './public-routes.ts'

export interface PublicSettings extends RedirectFacts {
  readonly listener: PublicListenerConfig
}

export interface PublicDeps {
  readonly settings: PublicSettings
  readonly challenges: ChallengeFinder
  readonly observer: PublicObserver
  /** Told of every redirect, and which hosts are managed. */
  readonly traffic?: RedirectCounter
  readonly log: PublicLog
  /** Hears of each change of `state()`. */
  readonly onState?: (state: PublicState) => void
}

/**
 * `listening`: ready. `unready`: still answers everything, but wants no new traffic. `draining`: takes no new
 * connections. Readiness is `state() === 'listening'`.
 */
export type PublicState = 'built' | 'listening' | 'unready' | 'draining' | 'stopped'

export interface PublicServer {
  /** Takes the port of the settings. Rejects with ListenFault (src/http/listen.ts). Once only. */
  listen(): Promise<AddressInfo>
  address(): AddressInfo | undefined
  state(): PublicState
  /** Open connections now. */
  connections(): number
  /**
   * Replaces the settings at one stroke: each request is answered by the old ones or by the new ones. Returns the paths
   * of settings that differ but need a restart (host and port); everything else is in force.
   */
  apply(settings: PublicSettings): readonly string[]
  /** Unready, wait, drain, end. Resolves when no connection is left. A second call joins the first. */
  stop(bounds: StopBounds): Promise<StopReport>
  /** Ends everything at once, also a `stop` that is under way, which then resolves. */
  destroy(): void
}

/** Resolves with a server that does not listen yet. */
export async function buildPublic(deps: PublicDeps): Promise<PublicServer> {
  const server = new PublicPort(deps)
  await server.build()
  return server
}

const errorInterval = 10_000
/** Lines a second. A CA asks for a token some five times; who holds a token can ask for it as often as the line allows. */
const answersLogged = 20
const monotonic = (): number => performance.now()

class PublicPort implements PublicServer {
  readonly #deps: PublicDeps
  readonly #server: Server = createServer(serverOptions)
  readonly #connections: Connections
  readonly #front: Front
  readonly #end = new AbortController()
  readonly #storeFailed: (error: unknown) => void
  readonly #answered: (host: string) => void
  #settings: PublicSettings
  #state: PublicState = 'built'
  #stopping: Promise<StopReport> | undefined
  #closeApp: () => Promise<void> = async () => {}

  constructor(deps: PublicDeps) {
    this.#deps = deps
    this.#settings = deps.settings
    this.#connections = new Connections(() => lingerBounds(this.#settings.listener), monotonic)
    this.#front = new Front({
      rules: rulesOf(deps.settings),
      connections: this.#connections,
      observer: deps.observer,
      traffic: deps.traffic,
      log: deps.log,
    })
    this.#storeFailed = throttled(errorInterval, monotonic, (error, missed) =>
      deps.log.error({ err: error, missed }, 'the token store cannot be read'),
    )
    this.#answered = atMost(answersLogged, monotonic, (host, unlogged) =>
      deps.log.info(unlogged > 0 ? { host, unlogged } : { host }, 'challenge answered'),
    )
    deps.traffic?.manage(deps.settings.configuredHosts.map(hostName))
    applyLimits(this.#server, deps.settings.listener)
  }

  async build(): Promise<void> {
    const { observer, log } = this.#deps
    const app = await publicRoutes({
      serverFactory: (handler) => {
        this.#front.attach(this.#server, handler)
        return this.#server
      },
      decisionOf: (request) => this.#front.decisionOf(request),
      answerToken: (token, host) => this.#answerToken(token, host),
      observer,
      // In a cluster the name of the pod.
      replica: hostname(),
      onError: (error) => log.error({ err: error }, 'a request failed'),
    })
    this.#closeApp = () => app.close()
  }

  async listen(): Promise<AddressInfo> {
    const { host, port } = this.#settings.listener
    const address = await listen(this.#server, { section: 'listeners.public', host, port })
    this.#enter('listening')
    return address
  }

  address(): AddressInfo | undefined {
    const address = this.#server.address()
    return address === null || typeof address === 'string' ? undefined : address
  }

  state(): PublicState {
    return this.#state
  }

  connections(): number {
    return this.#connections.size
  }

  apply(settings: PublicSettings): readonly string[] {
    const { host, port } = this.#deps.settings.listener
    this.#front.rules = rulesOf(settings)
    this.#deps.traffic?.manage(settings.configuredHosts.map(hostName))
    applyLimits(this.#server, settings.listener)
    this.#settings = settings
    const paths = []
    if (settings.listener.host !== host) paths.push('listeners.public.host')
    if (settings.listener.port !== port) paths.push('listeners.public.port')
    return paths
  }

  stop(bounds: StopBounds): Promise<StopReport> {
    return (this.#stopping ??= this.#stop(bounds))
  }

  destroy(): void {
    this.#end.abort()
    stopAccepting(this.#server)
    this.#connections.destroyAll()
    void this.stop({ unreadyWait: 0, drain: 0 })
  }

  async #stop(bounds: StopBounds): Promise<StopReport> {
    this.#front.leaving = true
    this.#enter('unready')
    const report = await drain(
      {
        server: this.#server,
        connections: this.#connections,
        signal: this.#end.signal,
        onDraining: () => this.#enter('draining'),
      },
      bounds,
    )
    // Also ends node's own timers; nothing listens and nothing is connected any more.
    this.#server.close(() => undefined)
    await this.#closeApp()
    this.#enter('stopped')
    return report
  }

  #enter(state: PublicState): void {
    this.#state = state
    this.#deps.onState?.(state)
  }

  #answerToken(token: string, host: string): ChallengeAnswer | Promise<ChallengeAnswer> {
    const question = { token, host, deadline: findDeadline }
    const answer = answerToken(question, this.#deps.challenges, this.#storeFailed)
    return answer instanceof Promise
      ? answer.then((each) => this.#told(each, host))
      : this.#told(answer, host)
  }

  #told(answer: ChallengeAnswer, host: string): ChallengeAnswer {
    const { log } = this.#deps
    if (answer.result === 'answered') this.#answered(host)
    else log.debug({ result: answer.result }, 'challenge not answered')
    return answer
  }
}

function rulesOf(settings: PublicSettings): FrontRules {
  const { maxTargetLength, maxDiscardedBody } = settings.listener
  return {
    redirect: redirectSettings(settings, maxTargetLength),
    maxDiscardedBody,
  }
}
