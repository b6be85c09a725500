/**
 * The ordering half: everything that only the leader needs. Loaded after the servers listen (src/serve/serve.ts): the
 * ACME and X.509 libraries cost start time and memory that answering and redirecting must not wait for.
 */
import type { Logger } from 'pino'
import type { AcmeClient, AcmeObserver } from '../acme/client.ts'
import type { Sessions } from '../acme/sessions.ts'
import { csr } from '../acme/key.ts'
import type { OrderingClient, OrderShell } from '../acme/order.ts'
import { awaitServed, type Responder } from '../challenge/served.ts'
import { wayIsWell } from '../certificate/first-order.ts'
import { sameNames } from '../certificate/certificate.ts'
import { resolveIssuer } from '../config/known-issuers.ts'
import type { Proof } from '../serving/proof.ts'
import type { Held } from '../state/leadership.ts'
import type { WorkerObserver } from '../worker/observer.ts'
import { pause, type Wake } from '../worker/wake.ts'
import { work, type WorkerShell } from '../worker/worker.ts'
import { carryOutAccountRequests, forgetAccount, openSessions } from './accounts.ts'
import { budgetTelling } from './budget-telling.ts'
import { issuerBudget, limitsOf } from './budgets.ts'
import type { Cluster } from './cluster.ts'
import { lintWhileLeading } from './linting.ts'
import type { Live } from './live.ts'
import { openReaching, type Reaching } from './reaching.ts'
import type { Looker } from '../reach/looking.ts'
import { openProof, type Proving } from './proving.ts'
import type { ReportedSources } from './reported.ts'
import { openJournals, type Journals, type Stores } from './stores.ts'
import { assertHeld } from './term-stores.ts'
import type { Look } from './view.ts'

export interface OrderingShell {
  readonly live: Live
  readonly stores: Stores
  /** The public servers that must answer a token before the CA is asked to look. */
  readonly responders: () => Promise<readonly Responder[]>
  /** What the CA comes through, for a certificate; none: the self-check is off. */
  readonly frontDoors: (certificate: string) => Promise<readonly Responder[]>
  /** Along every way that the CA could come, for preflight and canary; absent: nobody looks. */
  readonly looker?: Looker
  /** For lint; absent: nobody lints. */
  readonly cluster?: Cluster
  /** For the proof of serving; absent: nobody looks. */
  readonly proving?: Proving
  readonly observer: WorkerObserver
  readonly acmeObserver: (issuer: string) => AcmeObserver
  readonly wake: Wake
  readonly seen: (look: Look) => void
  /** Where whatever looks in the term lays down its findings. */
  readonly reported: ReportedSources
  readonly userAgent: string
  readonly log: Logger
  readonly now: () => number
  readonly random: () => number
}

/** One term of leadership; ends when the signal aborts. Throws when the store fails or for a bug of ours. */
export async function lead(shell: OrderingShell, held: Held, signal: AbortSignal): Promise<void> {
  const journals = openJournals(shell.stores.state)
  const sessions = openSessions(shell, journals)
  const assertLeading = () => assertHeld(held)
  const reaching =
    shell.looker && openReaching({ ...shell, looker: shell.looker, mended: wayIsWellAgain(shell, journals) })
  const ending = new AbortController()
  const looking = AbortSignal.any([signal, ending.signal])
  const canary = reaching?.run(looking)
  const proof = shell.proving && openProof(shell, journals, shell.proving)
  const proving = proof?.run(looking)
  const linting = shell.cluster && lintWhileLeading(shell, shell.cluster, looking)
  try {
    await work(workerShell({ shell, sessions, journals, assertLeading, reaching, proof }), signal)
  } finally {
    ending.abort()
    await Promise.all([canary, proving, linting])
    sessions.close()
  }
}

function workerShell(term: Term): WorkerShell {
  const { shell, sessions, journals, assertLeading, reaching, proof } = term
  const { live, stores, now, random, wake, log } = shell
  return {
    ...journals,
    ...{ now, random, wake, log, assertLeading },
    observer: { ...shell.observer, orderEnded: (order) => ended(order, term) },
    ...(reaching && { preflight: reaching.preflight }),
    sources: {
      ...journals,
      state: stores.state,
      destinationsOf: live.destinationsOf,
      limitsOf: limitsOf(live),
      now,
    },
    state: stores.state,
    destinationsOf: live.destinationsOf,
    desired: live.desired,
    // Called before all is read anew, so that what is found at run time is looked for here, too.
    async sweepTokens() {
      await live.refresh()
      await stores.challenges.list()
    },
    parallelOrders: () => live.config().worker.parallelOrders,
    tickMs: () => live.config().worker.tick,
    open: (issuer, signal) => sessions.open(issuer, signal),
    async forgetAccount(issuer) {
      sessions.forget(issuer)
      await forgetAccount(issuer, shell)
    },
    preferredChain: (issuer) => resolveIssuer(live.config(), issuer).preferredChain,
    orderShell: (order, client) => orderShell(order, client, term),
    accountRequests: (gathered, busy, signal) =>
      carryOutAccountRequests(gathered.requests, { shell, sessions, journals, busy }, signal),
    changedInstalled: (name) => proof?.installed(name),
    seen: seenBy(term),
  }
}

function seenBy({ shell, proof }: Term): WorkerShell['seen'] {
  const tellBudget = budgetTelling(shell.reported)
  return (gathered, plan) => {
    shell.seen({ gathered, plan })
    tellBudget({ gathered, plan })
    proof?.seen(gathered.world)
  }
}

/** The next look of a certificate that waits for one is now. A store that fails is told by the worker's own writes. */
function wayIsWellAgain({ wake }: OrderingShell, { certificates }: Journals): (certificate: string) => void {
  const change = async (certificate: string) => {
    const entry = await certificates.read(certificate)
    if (entry.state !== 'there' || wayIsWell(entry.record) === entry.record) return
    await certificates.change(certificate, (record) => wayIsWell(record ?? entry.record))
    wake.now()
  }
  return (certificate) => void change(certificate).catch(() => undefined)
}

interface Term {
  readonly shell: OrderingShell
  readonly sessions: Sessions<AcmeClient>
  readonly journals: Journals
  readonly assertLeading: () => Promise<void>
  readonly reaching: Reaching | undefined
  readonly proof: Proof | undefined
}

function ended(order: Parameters<WorkerObserver['orderEnded']>[0], { shell, reaching }: Term): void {
  shell.observer.orderEnded(order)
  if (order.result === 'issued') reaching?.issued(order.name)
}

function orderShell(
  { certificate, issuer }: { readonly certificate: string; readonly issuer: string },
  client: OrderingClient,
  { shell, journals, assertLeading }: Term,
): OrderShell {
  const { live } = shell
  const { worker, selfCheck } = live.config()
  const tell = (identifier: string, what: string) => shell.log.debug({ certificate, identifier }, what)
  return {
    client,
    challenges: told(shell.stores.challenges, tell),
    budget: issuerBudget(issuer, { ...shell, budgets: journals.budgets }),
    async served(challenges, signal) {
      await awaitServed(
        challenges,
        {
          responders: () => shell.responders(),
          frontDoors: () => shell.frontDoors(certificate),
          timeoutMs: selfCheck === 'off' ? servedTimeoutMs : selfCheck.timeout,
          now: shell.now,
          pause,
        },
        signal,
      )
      for (const { identifier } of challenges) tell(identifier, 'token answered everywhere')
    },
    async opened(orderUrl) {
      await journals.certificates.change(certificate, (record) => {
        if (!record?.inFlight) throw new Error('unreachable: an order is opened only after begun()')
        return { ...record, inFlight: { ...record.inFlight, orderUrl } }
      })
    },
    othersOrders: () => othersOrders(certificate, live, journals),
    assertLeading,
    csr: (keyPem, domains) => csr(keyPem, domains),
    now: shell.now,
    pause,
    pollDeadlineMs: worker.pollDeadline,
  }
}

/** Two certificates may differ in nothing but their key type; the CA's list of orders knows only names. */
async function othersOrders(
  certificate: string,
  live: Live,
  { certificates }: Journals,
): Promise<ReadonlySet<string>> {
  const desired = live.desired()
  const domains = desired.find(({ name }) => name === certificate)?.domains ?? []
  const alike = desired.filter((each) => each.name !== certificate && sameNames(each.domains, domains))
  const urls = new Set<string>()
  for (const { name } of alike) {
    const entry = await certificates.read(name)
    const url = entry.state === 'there' ? entry.record.inFlight?.orderUrl : undefined
    if (url !== undefined) urls.add(url)
  }
  return urls
}

/** Where the time of an order goes, for `log.level: debug`. Names the identifier: a token is nobody's business. */
function told(
  challenges: OrderShell['challenges'],
  tell: (identifier: string, what: string) => void,
): OrderShell['challenges'] {
  const identifiers = new Map<string, string>()
  return {
    find: (token) => challenges.find(token),
    list: () => challenges.list(),
    async present(challenge) {
      await challenges.present(challenge)
      identifiers.set(challenge.token, challenge.identifier)
      tell(challenge.identifier, 'token presented')
    },
    async cleanUp(token) {
      const identifier = identifiers.get(token)
      if (identifier !== undefined) tell(identifier, 'authorization ended')
      await challenges.cleanUp(token)
    },
  }
}

/** With the front door unchecked, the own responders are still asked: they answer in milliseconds or not at all. */
const servedTimeoutMs = 10_000
