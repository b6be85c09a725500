/**
 * One order from newOrder to a checked certificate (RFC 8555 §7.4), written so that it can be killed at any line and
 * be called again with the same job: what the CA knows is asked of the CA, what only we know was durable before.
 *
 *   open ─► authorize (present ─► served ─► accept ─► poll) ─► finalize ─► poll ─► download ─► check
 *           finally: tokens removed
 */
import { Port80Failure, type Failure } from '../reason.ts'
import type { OrderKind, OrderToCount } from '../budget/ledger.ts'
import type { ChallengeStore } from '../challenge/store.ts'
import { authorizeAll } from './authorize.ts'
import { checkIssued, choosePreferred } from './chain.ts'
import { orderSurvives } from './failure.ts'
import { openOrder, type Opened } from './open-order.ts'
import { pollUntil, type Pause } from './poll.ts'

export interface OrderView {
  readonly url: string
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly certificate?: string
  readonly problem?: Failure
  readonly retryAfterMs?: number
}

export interface AuthorizationView {
  readonly url: string
  readonly identifier: string
  readonly status: string
  readonly http01?: {
    readonly url: string
    readonly token: string
    readonly status: string
    readonly problem?: Failure
  }
  readonly retryAfterMs?: number
}

/** What an order needs of the CA; src/acme/client.ts satisfies it. Every method throws Port80Failure only. */
export interface OrderingClient {
  newOrder(
    request: { identifiers: readonly string[]; profile?: string; replaces?: string },
    signal: AbortSignal,
  ): Promise<OrderView>
  order(url: string, signal: AbortSignal): Promise<OrderView>
  /** Orders of the account that can still be finished, where the CA lists them (RFC 8555 §7.1.2.1); else none. */
  unfinishedOrders(identifiers: readonly string[], signal: AbortSignal): Promise<readonly OrderView[]>
  authorization(url: string, signal: AbortSignal): Promise<AuthorizationView>
  accept(challengeUrl: string, signal: AbortSignal): Promise<void>
  finalize(order: OrderView, csrDer: Buffer, signal: AbortSignal): Promise<OrderView>
  certificate(url: string, signal: AbortSignal): Promise<{ chainPem: string; alternates: readonly string[] }>
  thumbprint(): string
}

export interface OrderJob {
  readonly domains: readonly string[]
  /** Durable before this job is given to obtain(). */
  readonly keyPem: string
  readonly profile?: string
  readonly replaces?: string
  readonly preferredChain?: string
  /** The order of an earlier attempt, to go on with. */
  readonly orderUrl?: string
  /** How the CA counts it: with `replaces`, and without. */
  readonly counts: Counting
  /** An earlier attempt may have reached newOrder without the answer reaching us. */
  readonly mayExist: boolean
}

export interface Counting {
  readonly replacing: OrderKind
  readonly plain: OrderKind
}

/**
 * What is left of the limits of the CA, by our own count. Safe to call from orders side by side: no two take the last one.
 * - `spend` resolves when what the order takes is durable. Throws Port80Failure BudgetSpent, having taken nothing, when it
 *   does not fit; StoreFailed when that cannot be known.
 * - `giveBack`: no certificate comes of the order, so that only the order itself was counted. Once an order. Where the
 *   store refuses it resolves all the same, and what cannot be given back stays spent.
 * - `validationFailed`: the CA has counted one. As `giveBack`: what rejects is a bug.
 */
export interface OrderBudget {
  spend(order: OrderToCount): Promise<void>
  giveBack(order: OrderToCount): Promise<void>
  validationFailed(identifier: string): Promise<void>
}

export interface OrderShell {
  readonly client: OrderingClient
  readonly challenges: ChallengeStore
  readonly budget: OrderBudget
  /** Resolves when every responder and the front door serve the tokens; throws NotServed or SelfCheckFailed. */
  served(
    challenges: readonly { token: string; identifier: string; keyAuthorization: string }[],
    signal: AbortSignal,
  ): Promise<void>
  /** Makes the order URL durable. */
  opened(orderUrl: string): Promise<void>
  /** URLs of orders that other certificates with the same names have in flight: theirs are not ours to finish. */
  othersOrders(): Promise<ReadonlySet<string>>
  /** Throws LeadershipLost when another worker may be at it: asked before acts that cannot be taken back. */
  assertLeading(): Promise<void>
  csr(keyPem: string, domains: readonly string[]): Promise<Buffer>
  now(): number
  readonly pause: Pause
  readonly pollDeadlineMs: number
}

/** Obtains the certificate. Throws Port80Failure; the order then is as far as it came, and can be gone on with. */
export async function obtain(
  job: OrderJob,
  shell: OrderShell,
  signal: AbortSignal,
): Promise<{ chainPem: string; orderUrl: string }> {
  const opened = await openOrder(job, shell, signal)
  let { order } = opened
  if (order.status === 'pending') {
    await authorize(opened, shell, signal)
    // RFC 8555 §7.1.6: with all authorizations valid it is ready; asking would cost a request and a poll's delay.
    order = { ...order, status: 'ready' }
  }
  if (order.status === 'ready') {
    const request = await shell.csr(job.keyPem, job.domains)
    await shell.assertLeading()
    order = await finalizeOnce(order, request, shell, signal)
  }
  if (order.status === 'processing') order = await pollOrder(order, 'processing', shell, signal)
  if (order.status !== 'valid' || order.certificate === undefined) throw unfinished(order)
  return { chainPem: await download(order.certificate, job, shell, signal), orderUrl: order.url }
}

/** An order that ended before it was finalized gives no certificate: the CA counts those when it issues them. */
async function authorize({ order, spent }: Opened, shell: OrderShell, signal: AbortSignal): Promise<void> {
  try {
    await authorizeAll(order, shell, signal)
  } catch (error) {
    const over = error instanceof Port80Failure && !orderSurvives(error.failure.reason)
    if (spent && over) await shell.budget.giveBack(spent)
    throw error
  }
}

/**
 * `orderNotReady` has two meanings: a finalize whose answer was lost has worked (the order is past "ready"), or the CA
 * has not yet seen that its authorizations are valid: then it is asked until it has, and finalized once more.
 */
async function finalizeOnce(
  order: OrderView,
  csr: Buffer,
  shell: OrderShell,
  signal: AbortSignal,
): Promise<OrderView> {
  try {
    return await shell.client.finalize(order, csr, signal)
  } catch (error) {
    if (!(error instanceof Port80Failure) || error.failure.reason !== 'AcmeOrderNotReady') throw error
  }
  const next = await pollOrder(order, 'pending', shell, signal)
  return next.status === 'ready' ? shell.client.finalize(next, csr, signal) : next
}

/** Until the order is no longer in that status. */
function pollOrder(
  order: OrderView,
  status: OrderView['status'],
  shell: OrderShell,
  signal: AbortSignal,
): Promise<OrderView> {
  return pollUntil(
    {
      ask: () => shell.client.order(order.url, signal),
      done: (next) => next.status !== status,
      what: 'the order',
      retryAfterMs: order.retryAfterMs,
    },
    { now: () => shell.now(), pause: shell.pause, deadlineMs: shell.pollDeadlineMs },
    signal,
  )
}

function unfinished({ status, problem }: OrderView): Port80Failure {
  if (problem) return new Port80Failure(problem)
  return status === 'invalid'
    ? new Port80Failure({
        reason: 'OrderInvalid',
        detail: 'the CA made the order invalid and gave no reason',
      })
    : new Port80Failure({
        reason: 'CaAnswerUnusable',
        detail: `the order is ${status} without a certificate`,
      })
}

async function download(url: string, job: OrderJob, shell: OrderShell, signal: AbortSignal): Promise<string> {
  const first = await shell.client.certificate(url, signal)
  const chain = await preferred(first, job, shell, signal)
  const checked = checkIssued({ chainPem: chain, keyPem: job.keyPem, domains: job.domains, now: shell.now() })
  if ('failure' in checked) throw new Port80Failure(checked.failure)
  return checked.chainPem
}

/** Alternates (RFC 8555 §7.4.2) are only asked for when the default chain is not the preferred one. */
async function preferred(
  first: { chainPem: string; alternates: readonly string[] },
  job: OrderJob,
  shell: OrderShell,
  signal: AbortSignal,
): Promise<string> {
  const wanted = job.preferredChain
  if (wanted === undefined) return first.chainPem
  const candidates = [{ chainPem: first.chainPem }]
  if (choosePreferred(wanted, candidates) === undefined) {
    for (const url of first.alternates) candidates.push(await shell.client.certificate(url, signal))
  }
  const index = choosePreferred(wanted, candidates)
  if (index !== undefined) return candidates[index]?.chainPem ?? first.chainPem
  throw new Port80Failure({
    reason: 'PreferredChainMissing',
    detail: `none of the ${candidates.length} chains that the CA offers ends at the preferred one`,
  })
}
