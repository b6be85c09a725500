/** The HTTP-01 challenge (RFC 8555 §7.5.1, §8.3): the client says that it is ready, the CA goes and looks. */
import { setTimeout as sleep } from 'node:timers/promises'
import { forcedProblem } from './failure.ts'
import { AcmeProblem } from './problem.ts'
import { accountOf, link, notFound, type Ca, type Handler } from './request.ts'
import type { Authorization } from './state.ts'
import { validate } from './validation.ts'

/** POST `{}`: start; POST-as-GET: look. A challenge that is not pending any more stays as it is. */
export const challenge: Handler = (ca, request) => {
  const own = find(ca, request.id, accountOf(request).id)
  if (request.jws?.payload !== undefined && own.challenge.status === 'pending' && own.status === 'pending') {
    own.challenge.status = 'processing'
    ca.state.touch()
    start(ca, own)
  }
  return {
    status: 200,
    headers: { Link: link(`${ca.origin}/authorization/${own.id}`, 'up') },
    body: challengeDocument(ca, own),
  }
}

/** Validations that an earlier run of the CA did not bring to an end. */
export function resumeValidations(ca: Ca): void {
  for (const each of ca.state.authorizations.values())
    if (each.challenge.status === 'processing') start(ca, each)
}

export function challengeDocument(ca: Ca, { challenge }: Authorization): object {
  const { id, token, status, validatedAt, error } = challenge
  return {
    type: 'http-01',
    url: `${ca.origin}/challenge/${id}`,
    token,
    status,
    ...(validatedAt !== undefined && { validated: new Date(validatedAt).toISOString() }),
    ...(error && { error }),
  }
}

function find(ca: Ca, challengeId: string, accountId: string): Authorization {
  for (const each of ca.state.authorizations.values())
    if (each.challenge.id === challengeId && each.accountId === accountId) return each
  throw notFound()
}

function start(ca: Ca, authorization: Authorization): void {
  decide(ca, authorization).catch((error: unknown) => {
    if (ca.stopping.aborted) return
    const detail = `The validation itself failed: ${error instanceof Error ? error.message : 'unknown'}`
    settle(ca, authorization, new AcmeProblem('serverInternal', detail))
  })
}

async function decide(ca: Ca, authorization: Authorization): Promise<void> {
  await sleep(ca.settings.validationPauseMs, undefined, { signal: ca.stopping })
  const account = ca.state.accounts.get(authorization.accountId)
  const keyAuthorization = `${authorization.challenge.token}.${account?.thumbprint ?? ''}`
  const fault =
    forcedProblem(ca, 'validation', [authorization.identifier]) ??
    (await validate(ca, authorization, keyAuthorization))
  ca.stopping.throwIfAborted()
  settle(ca, authorization, fault)
}

function settle(ca: Ca, authorization: Authorization, fault: AcmeProblem | undefined): void {
  const { challenge, identifier } = authorization
  challenge.status = fault ? 'invalid' : 'valid'
  // The client may have deactivated the authorization meanwhile; then it stays so.
  if (authorization.status === 'pending') authorization.status = challenge.status
  if (fault) challenge.error = fault.document
  else challenge.validatedAt = Date.now()
  ca.stats.validations += 1
  if (fault) ca.stats.failedValidations += 1
  ca.state.touch()
  ca.emit({ kind: 'validation', identifier, ...(fault && { fault: fault.message }) })
}
