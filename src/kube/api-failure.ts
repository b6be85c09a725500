/**
 * What the API server says no with, as a value: which no it was decides what happens next, so it must not be found out by
 * matching texts in five places. Pure.
 *
 * Words are ours. The server's own message is not repeated, because for an object that it could not read it quotes from
 * the body, and that may be a private key ("error found in #10 byte of ...|"tls.key":"MII…").
 * https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#status-v1-meta
 */
import { Port80Failure } from '../reason.ts'
import type { ResourceName } from './object.ts'
import { wordsFor } from './resource-path.ts'

export const apiFailureKinds = [
  'notFound', // 404
  'conflict', // 409: the resourceVersion or a precondition did not hold
  'exists', // 409 AlreadyExists
  'gone', // 410: the resourceVersion is too old for a watch or for the next page
  'forbidden', // 403: RBAC, quota, a namespace that is being deleted, a webhook
  'unauthorized', // 401: token expired or unknown
  'tooMany', // 429: priority and fairness
  'invalid', // 400, 413, 415, 422
  'unavailable', // 5xx
  'unusable', // an answer that is none of the API server's
  'unreachable', // no connection, or it broke
  'timedOut',
  'noCredentials', // token, CA or kubeconfig cannot be read
] as const
export type ApiFailureKind = (typeof apiFailureKinds)[number]

export interface ApiFailure {
  readonly kind: ApiFailureKind
  /** One line of ours with verb, resource and namespace; bounded. */
  readonly detail: string
  /** Milliseconds, where the server said so. */
  readonly retryAfterMs?: number
}

const weather: ReadonlySet<ApiFailureKind> = new Set([
  ...(['unauthorized', 'tooMany', 'unavailable', 'unusable'] as const),
  ...(['unreachable', 'timedOut', 'noCredentials'] as const),
])

/** It has nothing to do with the object: the same call may well succeed a little later. */
export function isWeather({ kind }: ApiFailure): boolean {
  return weather.has(kind)
}

/** An API server that has just started knows no Role yet, and refuses everybody for a moment. In milliseconds. */
const settlesMs = 30_000

/** Weather, or a refusal that may be: by a server that gave no good answer `sinceWeatherMs` ago (Infinity: never). */
export function mayPass(failure: ApiFailure, sinceWeatherMs: number): boolean {
  return isWeather(failure) || (failure.kind === 'forbidden' && sinceWeatherMs < settlesMs)
}

export type Reply<T> = { readonly ok: T } | { readonly failure: ApiFailure }

/** What was tried. */
export interface Act {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete'
  readonly resource: ResourceName
  readonly namespace: string | undefined
  readonly name?: string
}

/** What a metav1.Status holds that we look at; every member may be missing or of another type. */
interface Status {
  readonly message?: unknown
  readonly reason?: unknown
  readonly code?: unknown
  readonly details?: {
    readonly kind?: unknown
    readonly causes?: unknown
    readonly retryAfterSeconds?: unknown
  }
}

export function failed(act: Act, kind: ApiFailureKind, why: string): ApiFailure {
  return { kind, detail: `${act.verb} ${wordsFor(act)}: ${why}`.slice(0, 400) }
}

/** `body` is the text of the answer, `retryAfter` its header. */
export function failureOfAnswer(
  act: Act,
  answer: { readonly status: number; readonly body: string; readonly retryAfter?: string | undefined },
): ApiFailure {
  const status = statusIn(answer.body)
  const failure = failureOfStatus(act, answer.status, status)
  const seconds = Number(answer.retryAfter ?? status.details?.retryAfterSeconds)
  return seconds > 0 ? { ...failure, retryAfterMs: Math.min(seconds, 3_600) * 1_000 } : failure
}

/** The object of an ERROR event in a watch: a Status without an answer around it. */
export function failureOfEvent(act: Act, object: unknown): ApiFailure {
  const status: Status = typeof object === 'object' && object !== null ? object : {}
  return failureOfStatus(act, typeof status.code === 'number' ? status.code : 0, status)
}

function failureOfStatus(act: Act, code: number, status: Status): ApiFailure {
  const webhook = webhookIn(status)
  if (webhook !== undefined) return failed(act, 'forbidden', `the admission webhook ${webhook} refused it`)
  switch (code) {
    case 401:
      return failed(act, 'unauthorized', 'the credentials are not accepted (401)')
    case 403:
      return failed(act, 'forbidden', whyForbidden(act, status))
    case 404:
      return failed(act, 'notFound', whyNotFound(status))
    case 409:
      return status.reason === 'AlreadyExists'
        ? failed(act, 'exists', 'exists already')
        : failed(act, 'conflict', 'was changed by somebody else')
    case 410:
      return failed(act, 'gone', 'the version asked for is no longer kept (410)')
    case 429:
      return failed(act, 'tooMany', 'the API server asks to slow down (429)')
    default:
      return failureOfOtherCode(act, code, status)
  }
}

function failureOfOtherCode(act: Act, code: number, status: Status): ApiFailure {
  if ([400, 413, 415, 422].includes(code)) return failed(act, 'invalid', whyInvalid(code, status))
  if (code >= 500) return failed(act, 'unavailable', `the API server failed (${code})`)
  return failed(act, 'unusable', `an answer that the API server does not give (${code})`)
}

function whyForbidden(act: Act, status: Status): string {
  const message = textOf(status.message)
  if (/exceeded quota/.test(message)) return 'a ResourceQuota of the namespace is used up'
  if (causesOf(status).some((cause) => cause.reason === 'NamespaceTerminating'))
    return 'the namespace is being deleted'
  const user = /User "([\w:.@/-]{1,200})"/.exec(message)?.[1]
  // Applying what is not there yet takes the right to create, too: then that is the verb that is missing.
  const verb = /cannot ([a-z]{1,20}) resource/.exec(message)?.[1]
  return `${user ?? 'this user'} may not ${verb ?? act.verb} ${act.resource} there (403): a Role is missing`
}

function whyNotFound(status: Status): string {
  if (status.details?.kind === 'namespaces') return 'the namespace does not exist'
  return status.reason === 'NotFound'
    ? 'does not exist'
    : 'this API server does not know such a resource (404)'
}

/** Field and kind of fault; the value that was wrong is left out. */
function whyInvalid(code: number, status: Status): string {
  const cause = causesOf(status)[0]
  const field = textOf(cause?.field).replace(/[^\w.[\]-]/g, '')
  return cause === undefined
    ? `not accepted (${code})`
    : `not accepted (${code}): ${field.slice(0, 100)} ${textOf(cause.reason).slice(0, 60)}`
}

function webhookIn(status: Status): string | undefined {
  return /admission webhook "([\w.-]{1,200})" denied/.exec(textOf(status.message))?.[1]
}

function causesOf(status: Status): { reason?: unknown; field?: unknown }[] {
  const causes = status.details?.causes
  return Array.isArray(causes)
    ? causes.filter((each): each is object => typeof each === 'object' && each !== null)
    : []
}

function statusIn(body: string): Status {
  try {
    const data: unknown = JSON.parse(body)
    return typeof data === 'object' && data !== null ? data : {}
  } catch {
    return {}
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 4_000) : ''
}

/** For the stores: what fails at the API server is a medium that fails. */
export function storeFailure(failure: ApiFailure): Port80Failure {
  return new Port80Failure({ reason: 'StoreFailed', detail: failure.detail })
}
