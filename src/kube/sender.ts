/** Requests with a deadline, tried again where that is right; refusals and broken connections become values here. */
import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { AccessFault, type Access } from './access.ts'
import { failed, failureOfAnswer, type Act, type ApiFailure, type Reply } from './api-failure.ts'
import { begin, ExchangeFailed, textOf, type Exchange } from './exchange.ts'
import { retryDelay } from './retry.ts'

export interface Call {
  /** Its abort rejects the call with the signal's reason. */
  readonly signal?: AbortSignal
  /** Milliseconds for the whole call, tries and waits included; 10 s unless given. */
  readonly deadlineMs?: number
}

export type Sent = Omit<Exchange, 'userAgent'> & { readonly idempotent?: boolean }

type Attempt<T> = { readonly ok: T } | { readonly failure: ApiFailure; readonly reusedSocket: boolean }

const defaultDeadlineMs = 10_000

export class Sender {
  readonly #access: Access
  readonly #userAgent: string

  constructor(access: Access, userAgent: string) {
    this.#access = access
    this.#userAgent = userAgent
  }

  /** The body of a 2xx answer. */
  async text(act: Act, sent: Sent, call: Call = {}): Promise<Reply<string>> {
    call.signal?.throwIfAborted()
    const deadline = AbortSignal.timeout(call.deadlineMs ?? defaultDeadlineMs)
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline
    for (let tries = 1; ; tries++) {
      const attempt = await this.#attempt(act, sent, signal, textOf)
      if ('ok' in attempt) return attempt
      call.signal?.throwIfAborted()
      const delay = retryDelay({ ...attempt, tries, idempotent: isIdempotent(sent) })
      if (attempt.failure.kind === 'unauthorized') this.#access.forget()
      if (delay === undefined) return { failure: attempt.failure }
      await pause(delay, undefined, { signal }).catch(() => undefined)
      call.signal?.throwIfAborted()
      if (deadline.aborted) return { failure: attempt.failure }
    }
  }

  /** The open body of a 2xx answer. The deadline is for its head; then it lives until the signal aborts or it ends. */
  async stream(
    act: Act,
    sent: Sent,
    call: Call & { readonly signal: AbortSignal },
  ): Promise<Reply<IncomingMessage>> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), call.deadlineMs ?? defaultDeadlineMs)
    try {
      const signal = AbortSignal.any([call.signal, late.signal])
      const attempt = await this.#attempt(act, sent, signal, async (response) => response)
      if ('ok' in attempt) return attempt
      call.signal.throwIfAborted()
      return { failure: attempt.failure }
    } finally {
      clearTimeout(timer)
    }
  }

  async #attempt<T>(
    act: Act,
    sent: Sent,
    signal: AbortSignal,
    read: (response: IncomingMessage) => Promise<T>,
  ): Promise<Attempt<T>> {
    try {
      // An exec plugin of a kubeconfig may take as long as it likes; we do not.
      const credentials = await orAborted(this.#access.credentials(), signal)
      const response = await begin({ ...sent, userAgent: this.#userAgent }, credentials, signal)
      const status = response.statusCode ?? 0
      if (status >= 200 && status < 300) return { ok: await read(response) }
      const retryAfter = response.headers['retry-after']
      const failure = failureOfAnswer(act, { status, body: await textOf(response), retryAfter })
      return { failure, reusedSocket: false }
    } catch (error) {
      return failureOfError(act, error, signal)
    }
  }
}

function isIdempotent({ idempotent, method }: Sent): boolean {
  return idempotent ?? method === 'GET'
}

function failureOfError(
  act: Act,
  error: unknown,
  signal: AbortSignal,
): { failure: ApiFailure; reusedSocket: boolean } {
  if (error instanceof AccessFault)
    return { failure: failed(act, 'noCredentials', error.message), reusedSocket: false }
  if (signal.aborted)
    return { failure: failed(act, 'timedOut', 'no answer from the API server in time'), reusedSocket: false }
  if (!(error instanceof ExchangeFailed)) throw error
  const why = `no connection to the API server (${error.code})`
  return { failure: failed(act, 'unreachable', why), reusedSocket: error.reused }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(new ExchangeFailed('aborted', false))
  return new Promise((resolve, reject) => {
    const aborted = () => reject(new ExchangeFailed('aborted', false))
    signal.addEventListener('abort', aborted, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}
