/**
 * An HTTPS proxy in front of the CA: passes everything on as it came (the Host stays, so the CA builds its URLs with our
 * port and the `url` of every JWS still matches), keeps count, answers wrongly where a test says so, and stops the world
 * before or after a named request.
 */
import { readFileSync } from 'node:fs'
import { Agent, createServer, request, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { actionOf, type CaAction } from './ca-action.ts'
import { refuse, reply, type Fault, type Passed } from './fault.ts'
import type { TlsFiles } from './tls-root.ts'

export interface Exchange {
  readonly action: CaAction
  readonly method: string
  readonly path: string
  /** Epoch ms of the request. */
  readonly at: number
  /** The status that the CA answered; absent when the request never reached it. */
  readonly status?: number
  /** What the client saw instead. */
  readonly fault?: Fault['kind']
}

interface Rule {
  readonly action: CaAction
  skip: number
  times: number
  readonly fault: Fault
}

interface Stop {
  readonly action: CaAction
  readonly when: 'before' | 'after' | 'delivered' | 'pause'
  skip: number
  readonly act: () => Promise<void>
  /** Nobody waits for it any more. */
  readonly cancel: () => void
}

export interface FaultProxy {
  readonly directoryUrl: string
  readonly rootFile: string
  readonly exchanges: readonly Exchange[]
  /** How many requests of that kind the CA answered with a status below 400. */
  accepted(action: CaAction): number
  /** How many requests of that kind came, whatever became of them. */
  asked(action: CaAction): number
  /** The next `times` (1) requests of that kind, after `skip` (0) of them, end like this. */
  fault(action: CaAction, fault: Fault, options?: { times?: number; skip?: number }): void
  /**
   * At the next request of that kind (after `skip` of them): `before` it reaches the CA, or `after` the CA has accepted
   * it and before the client hears of it, `act` is run; then the connection is cut. `delivered`: the client has the
   * answer, and `act` is run. Resolves when `act` is done;
   * rejects when no such request comes for a minute.
   */
  stopAt(
    action: CaAction,
    when: 'before' | 'after' | 'delivered',
    act: () => Promise<void>,
    skip?: number,
  ): Promise<void>
  /** At the next request of that kind `act` is run before it is passed on, as if the network were slow just then. */
  pauseAt(action: CaAction, act: () => Promise<void>): Promise<void>
  /** Forgets faults and stops that have not happened. */
  clear(): void
  stop(): Promise<void>
}

/** Where clients reach the proxy, and what it presents there. */
export interface ProxyPlace {
  readonly host: string
  readonly tls: TlsFiles
}

/**
 * Starts the proxy on a free port in front of `authority` (host:port): of 127.0.0.1, presenting the CA's own certificate,
 * unless a place is given.
 */
export async function startFaultProxy(
  upstream: { authority: string; tls: TlsFiles },
  { host: address, tls }: ProxyPlace = { host: '127.0.0.1', tls: upstream.tls },
): Promise<FaultProxy> {
  const exchanges: Exchange[] = []
  const rules: Rule[] = []
  const stops: Stop[] = []
  const [host, port] = upstream.authority.split(':')
  const agent = new Agent({ keepAlive: true, ca: readFileSync(upstream.tls.root), maxSockets: 64 })

  const passOn = (incoming: IncomingMessage, body: Buffer) =>
    new Promise<Passed>((resolve, reject) => {
      const { method, url: path, headers } = incoming
      const outgoing = request({ host, port, method, path, headers, agent }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) })
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  const due = (action: CaAction, when: Stop['when']) =>
    take(stops, (stop) => stop.action === action && stop.when === when)

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = '', url: path = '' } = incoming
    const record = { action: actionOf(path), method, path, at: Date.now() }
    const body = await readAll(incoming)
    await due(record.action, 'pause')?.act()
    const before = due(record.action, 'before')
    if (before) {
      exchanges.push(record)
      await before.act()
      outgoing.destroy()
      return
    }
    const fault = take(rules, (rule) => rule.action === record.action)?.fault
    if (fault && refuse(fault, outgoing)) {
      exchanges.push({ ...record, fault: fault.kind })
      return
    }
    if (fault?.kind === 'delay') await sleep(fault.ms)
    const came = await passOn(incoming, body)
    const passed = await altered(came, fault)
    exchanges.push({ ...record, status: passed.status, ...(fault && { fault: fault.kind }) })
    await answer(passed, record.action, fault, outgoing)
  }

  const answer = async (
    passed: Passed,
    action: CaAction,
    fault: Fault | undefined,
    outgoing: ServerResponse,
  ) => {
    const accepted = passed.status < 400
    const after = accepted ? due(action, 'after') : undefined
    if (after) {
      await after.act()
      outgoing.destroy()
      return
    }
    reply(passed, fault, outgoing)
    if (accepted) await due(action, 'delivered')?.act()
  }

  const server = createServer(
    { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) },
    (incoming, outgoing) => void handle(incoming, outgoing).catch(() => outgoing.destroy()),
  )
  server.on('tlsClientError', () => undefined)
  const listening = await listen(server, address)

  return {
    directoryUrl: `https://${address}:${listening}/dir`,
    rootFile: tls.root,
    exchanges,
    accepted: (action) =>
      exchanges.filter((one) => one.action === action && (one.status ?? 999) < 400).length,
    asked: (action) => exchanges.filter((one) => one.action === action).length,
    fault(action, fault, { times = 1, skip = 0 } = {}) {
      rules.push({ action, skip, times, fault })
    },
    stopAt: (action, when, act, skip = 0) => arm(stops, { action, when, skip, act }),
    pauseAt: (action, act) => arm(stops, { action, when: 'pause', skip: 0, act }),
    clear() {
      rules.length = 0
      for (const stop of stops.splice(0)) stop.cancel()
    },
    async stop() {
      for (const stop of stops.splice(0)) stop.cancel()
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function altered(passed: Passed, fault: Fault | undefined): Promise<Passed> {
  if (fault?.kind !== 'alter') return passed
  return { ...passed, body: Buffer.from(await fault.alter(passed.body.toString())) }
}

/** How long a test waits for a moment that may never come. */
const patienceMs = 180_000

function arm(stops: Stop[], stop: Omit<Stop, 'cancel'>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => {
    reject(new Error(`no ${stop.action} came within ${patienceMs / 1000} s (${stop.when})`))
  }, patienceMs)
  const cancel = () => clearTimeout(timer)
  const act = () => {
    cancel()
    return stop.act().then(resolve, reject)
  }
  stops.push({ ...stop, act, cancel })
  return promise
}

/** The first that matches and whose `skip` is used up; it is taken off the list once it has no `times` left. */
function take<T extends { skip: number; times?: number }>(
  list: T[],
  matches: (one: T) => boolean,
): T | undefined {
  const one = list.find(matches)
  if (one === undefined) return undefined
  if (one.skip > 0) {
    one.skip -= 1
    return undefined
  }
  if (one.times !== undefined) one.times -= 1
  if (!one.times) list.splice(list.indexOf(one), 1)
  return one
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, () => {
      const bound = server.address()
      if (bound === null || typeof bound === 'string') reject(new Error('the fault proxy has no port'))
      else resolve(bound.port)
    })
  })
}
