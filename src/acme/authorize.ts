/** All authorizations of one order at once (RFC 8555 §7.5): present, wait until served, accept, poll, clean up. */
import { Port80Failure, type Failure } from '../reason.ts'
import type { Challenge } from '../challenge/store.ts'
import { keyAuthorization } from '../challenge/token.ts'
import { orderSurvives } from './failure.ts'
import type { AuthorizationView, OrderShell, OrderView } from './order.ts'
import { pollUntil } from './poll.ts'

/** A token outlives its attempt by nothing but a crash; then the sweep takes it after this time. */
const tokenLifetimeMs = 3_600_000

interface Pending {
  readonly authorization: AuthorizationView
  readonly challenge: Challenge
  readonly challengeUrl: string
}

/**
 * Resolves when every authorization is valid. A token stays until its authorization is final, and is removed then, on
 * every exit: a CA that is still looking for it (another name failed, an answer was lost, we are stopping) would count a
 * failed validation for a name that is well. What has to stay goes with the attempt that takes the order up again, or
 * with the sweep.
 */
export async function authorizeAll(order: OrderView, shell: OrderShell, signal: AbortSignal): Promise<void> {
  const all = await Promise.all(order.authorizations.map((url) => shell.client.authorization(url, signal)))
  const open = all.filter((each) => each.status !== 'valid')
  const pending = open.map((each) => pendingOf(each, shell))
  const undecided = new Set<string>()
  try {
    if (pending.length === 0) return
    await Promise.all(pending.map(({ challenge }) => shell.challenges.present(challenge)))
    await shell.served(
      pending.map(({ challenge }) => challenge),
      signal,
    )
    await shell.assertLeading()
    const ends = await Promise.allSettled(
      pending.map((each) => acceptAndPoll(each, shell, { undecided, signal })),
    )
    const failed = ends.filter((end) => end.status === 'rejected').map((end): unknown => end.reason)
    if (failed.length > 0) throw failed.find(endsOrder) ?? failed[0]
  } finally {
    // Of valid ones, too: an attempt that was killed may have left theirs.
    await removeTokens(all, shell, undecided)
  }
}

/**
 * For an order that an earlier attempt brought past its authorizations, or that is dead: its tokens serve nobody, and a
 * validation that failed after that attempt was cut off has not been counted yet.
 */
export async function closeAuthorizations(
  order: OrderView,
  shell: OrderShell,
  signal: AbortSignal,
): Promise<void> {
  const asked = order.authorizations.map((url) => shell.client.authorization(url, signal))
  const known = (await Promise.allSettled(asked)).flatMap((end) =>
    end.status === 'fulfilled' ? [end.value] : [],
  )
  await removeTokens(known, shell, new Set())
  for (const each of known) await countFailed(each, shell)
}

async function countFailed({ status, identifier }: AuthorizationView, shell: OrderShell): Promise<void> {
  if (status === 'invalid') await shell.budget.validationFailed(identifier)
}

/** A token that cannot be removed is no failure of the order: it expires. */
async function removeTokens(
  authorizations: readonly AuthorizationView[],
  shell: OrderShell,
  except: ReadonlySet<string>,
): Promise<void> {
  const tokens = authorizations.flatMap(({ http01 }) =>
    http01 && !except.has(http01.token) ? [http01.token] : [],
  )
  await Promise.allSettled(tokens.map((token) => shell.challenges.cleanUp(token)))
}

/** Of several failures, one after which the order cannot succeed is the one to tell. */
function endsOrder(error: unknown): boolean {
  return error instanceof Port80Failure && !orderSurvives(error.failure.reason)
}

function pendingOf(authorization: AuthorizationView, shell: OrderShell): Pending {
  const { http01, identifier } = authorization
  if (authorization.status !== 'pending' || http01?.status === 'invalid')
    throw failedAuthorization(authorization)
  if (!http01) {
    throw new Port80Failure({
      reason: 'ChallengeMissing',
      detail: 'the CA offers no http-01 challenge for this name',
      identifier,
    })
  }
  const challenge = {
    token: http01.token,
    identifier,
    keyAuthorization: keyAuthorization(http01.token, shell.client.thumbprint()),
    expiresAt: shell.now() + tokenLifetimeMs,
  }
  return { authorization, challenge, challengeUrl: http01.url }
}

async function acceptAndPoll(
  pending: Pending,
  shell: OrderShell,
  { undecided, signal }: { undecided: Set<string>; signal: AbortSignal },
): Promise<void> {
  const { authorization } = pending
  // From here on the CA may look, whatever becomes of its answer.
  undecided.add(pending.challenge.token)
  // "processing": accepted by an attempt that was killed; accepting again would be a malformed request for some CAs.
  if (authorization.http01?.status === 'pending') await shell.client.accept(pending.challengeUrl, signal)
  const final = await pollUntil(
    {
      ask: () => shell.client.authorization(authorization.url, signal),
      done: (next) => next.status !== 'pending',
      what: `the authorization of ${authorization.identifier}`,
    },
    { now: () => shell.now(), pause: shell.pause, deadlineMs: shell.pollDeadlineMs },
    signal,
  )
  undecided.delete(pending.challenge.token)
  await countFailed(final, shell)
  if (final.status !== 'valid') throw failedAuthorization(final)
}

function failedAuthorization(authorization: AuthorizationView): Port80Failure {
  const failure: Failure = authorization.http01?.problem ?? {
    reason: 'OrderInvalid',
    detail: `the authorization is ${authorization.status} and the CA gave no reason`,
  }
  return new Port80Failure({ ...failure, identifier: failure.identifier ?? authorization.identifier })
}
