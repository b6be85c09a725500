/**
 * An order to go on with: the one of an earlier attempt, or a new one (RFC 8555 §7.4). What a new one takes of the limits of
 * the CA is spent, durably, before the CA hears of it; its URL is durable before anything is done with it.
 */
import type { OrderKind, OrderToCount } from '../budget/ledger.ts'
import { Port80Failure } from '../reason.ts'
import { closeAuthorizations } from './authorize.ts'
import type { OrderingClient, OrderJob, OrderShell, OrderView } from './order.ts'

export interface Opened {
  readonly order: OrderView
  /** What this call has spent for it; an earlier attempt may be why it is not known. */
  readonly spent?: OrderToCount
}

/** Throws Port80Failure; BudgetSpent where a new one does not fit. */
export async function openOrder(job: OrderJob, shell: OrderShell, signal: AbortSignal): Promise<Opened> {
  const found = await findOpen(job, shell, signal)
  if (found && found.url === job.orderUrl) return { order: found }
  const opened = found ? await takeUp(found, job, shell) : await createOrder(job, shell, signal)
  await shell.opened(opened.order.url)
  return opened
}

/** Its attempt was cut off, or gave back what it had spent when no answer came: too much counted is better than too little. */
async function takeUp(order: OrderView, job: OrderJob, shell: OrderShell): Promise<Opened> {
  const spent = { kind: job.counts.plain, names: job.domains }
  await shell.budget.spend(spent)
  return { order, spent }
}

/** The order of an earlier attempt: by its URL, or, when its answer was lost, by the CA's list. Dead ones are dropped. */
async function findOpen(
  job: OrderJob,
  shell: OrderShell,
  signal: AbortSignal,
): Promise<OrderView | undefined> {
  if (job.orderUrl !== undefined) {
    const order = await shell.client.order(job.orderUrl, signal).catch(dropped)
    if (order && order.status !== 'pending') await closeAuthorizations(order, shell, signal)
    return order?.status === 'invalid' ? undefined : order
  }
  if (!job.mayExist) return undefined
  const orders = await shell.client.unfinishedOrders(job.domains, signal)
  const taken = await shell.othersOrders()
  // One that is being issued was finalized with a key that is not ours: ours never came so far.
  return orders.find(({ url, status }) => status !== 'processing' && !taken.has(url))
}

/** The CA no longer knows the order (expired, dropped, other account): a new one is made. Anything else is a failure. */
function dropped(error: unknown): undefined {
  const lost = ['OrderLost', 'AcmeMalformed', 'AcmeUnauthorized']
  if (error instanceof Port80Failure && lost.includes(error.failure.reason)) return undefined
  throw error
}

/** `replaces` is a wish: a CA that refuses it (already replaced, other account) is asked once more without. */
async function createOrder(job: OrderJob, shell: OrderShell, signal: AbortSignal): Promise<Opened> {
  const { counts, domains, profile, replaces } = job
  const plain = { identifiers: domains, ...(profile !== undefined && { profile }) }
  if (replaces === undefined) return place(plain, counts.plain, shell, signal)
  try {
    return await place({ ...plain, replaces }, counts.replacing, shell, signal)
  } catch (error) {
    // Server errors, too: Pebble answers 500 when it does not find what is replaced. A wish must not stop a renewal.
    const refused = ['AcmeAlreadyReplaced', 'AcmeMalformed', 'AcmeUnauthorized', 'AcmeServerInternal']
    if (!(error instanceof Port80Failure) || !refused.includes(error.failure.reason)) throw error
    return place(plain, counts.plain, shell, signal)
  }
}

/** What it takes is durable before the CA hears of it; where no order came of it, none will be issued. */
async function place(
  request: Parameters<OrderingClient['newOrder']>[0],
  kind: OrderKind,
  { budget, client }: OrderShell,
  signal: AbortSignal,
): Promise<Opened> {
  const spent = { kind, names: request.identifiers }
  await budget.spend(spent)
  try {
    return { order: await client.newOrder(request, signal), spent }
  } catch (error) {
    await budget.giveBack(spent)
    throw error
  }
}
