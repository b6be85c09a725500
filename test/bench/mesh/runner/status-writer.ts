/** Tells the API server how a pod is: one patch for many changes, in order, and again until it is taken. */
import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, type Api } from './api.ts'

export interface StatusWriter {
  /** Something has changed. Resolves when a status that holds the change is written, or nobody wants it any more. */
  tell(): Promise<void>
  /** No further writes. */
  close(): void
}

export interface StatusOf {
  readonly api: Api
  /** Of the Pod. */
  readonly path: string
  readonly uid: string
  /** As it is now. */
  readonly status: () => Record<string, unknown>
}

const tryAgainMs = 500

export function statusWriter({ api, path, uid, status }: StatusOf): StatusWriter {
  let closed = false
  let said = ''
  let waiting: Promise<void> | undefined
  let writing: Promise<void> = Promise.resolve()

  const write = async (): Promise<void> => {
    while (!closed) {
      const now = status()
      const text = JSON.stringify(now)
      if (text === said) return
      try {
        await api.ask('PATCH', `${path}/status`, { metadata: { uid }, status: now })
        said = text
        return
      } catch (error) {
        // Gone, or another one of the same name: whoever follows the Pods says so.
        if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return
        await pause(tryAgainMs)
      }
    }
  }
  return {
    tell: () =>
      (waiting ??= writing =
        writing.then(() => {
          waiting = undefined
          return write()
        })),
    close: () => void (closed = true),
  }
}
