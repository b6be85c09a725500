/**
 * The API server as the runner uses it: any path, JSON as it is on the wire, and lists that are followed. (src/kube has a
 * client with port80's few resources; what is under test does not serve as the tool.)
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'

/** An administrator's way to the API server; a KubeApiserver of ../../peers is one. */
export interface ClusterAccess {
  /** https://HOST:PORT */
  readonly url: string
  /** PEM file to trust. */
  readonly caFile: string
  readonly adminToken: string
}

export interface ApiObject {
  readonly metadata?: {
    readonly name?: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
  }
}

export interface Api {
  /** One request; a patch is a merge patch. Rejects with ApiError, also when no answer comes within half a minute. */
  ask<T = unknown>(method: string, path: string, body?: object): Promise<T>
  /** The objects of a collection from now on, until `close`: each is told when it is seen first, changed or gone. */
  follow<T extends ApiObject>(path: string, told: (object: T, gone: boolean) => void): void
  close(): void
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0: no answer. */
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const answerMs = 30_000
const againMs = 300

export function openApi(access: ClusterAccess): Api {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(access.caFile) })
  const closing = new AbortController()
  const send = (method: string, path: string, body?: object) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const text = body === undefined ? '' : JSON.stringify(body)
      // The length is said: for a DELETE Node says nothing about a body, and its bytes become the next request.
      const bodyHeaders = { 'content-type': type, 'content-length': Buffer.byteLength(text) }
      const request = requestHttps(new URL(path, access.url), {
        ...{ method, agent, signal: closing.signal },
        headers: { authorization: `Bearer ${access.adminToken}`, ...(body && bodyHeaders) },
      })
      // Not the socket's own time-out: a watch may be quiet for minutes.
      const waiting = setTimeout(() => request.destroy(new Error('no answer')), answerMs)
      request.on('close', () => clearTimeout(waiting))
      request.on('response', (response) => {
        clearTimeout(waiting)
        response.on('error', () => undefined)
        resolve(response)
      })
      request.on('error', (error) => reject(new ApiError(0, `${method} ${path}: ${error.message}`)))
      request.end(text)
    })
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await send(method, path, body)
    const text = await textOf(response)
    const status = response.statusCode ?? 0
    if (status >= 300) throw new ApiError(status, `${method} ${path}: ${status} ${text.slice(0, 500)}`)
    return JSON.parse(text) as T
  }
  return {
    ask,
    follow<T extends ApiObject>(path: string, told: (object: T, gone: boolean) => void) {
      const seen = new Map<string, T>()
      const round = async () => {
        const since = relist(seen, await ask<List<T>>('GET', path), told)
        const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=${since}`
        await watch(await send('GET', `${path}?${query}`), seen, told)
      }
      const forever = async () => {
        while (!closing.signal.aborted) {
          await round().catch(() => pause(againMs))
        }
      }
      void forever()
    },
    close() {
      closing.abort()
      agent.destroy()
    },
  }
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string }
  readonly items: readonly T[]
}

/** Takes in the list as differences to what was seen before; answers the version that the watch begins after. */
function relist<T extends ApiObject>(
  seen: Map<string, T>,
  list: List<T>,
  told: (object: T, gone: boolean) => void,
): string {
  const present = new Set(list.items.map(keyOf))
  for (const [key, object] of seen) {
    if (present.has(key)) continue
    seen.delete(key)
    told(object, true)
  }
  for (const object of list.items) {
    const before = seen.get(keyOf(object))
    seen.set(keyOf(object), object)
    if (before?.metadata?.resourceVersion !== object.metadata?.resourceVersion) told(object, false)
  }
  return list.metadata.resourceVersion
}

/** Resolves when the watch ended, in whatever way. */
async function watch<T extends ApiObject>(
  response: IncomingMessage,
  seen: Map<string, T>,
  told: (object: T, gone: boolean) => void,
): Promise<void> {
  if (response.statusCode !== 200) throw new ApiError(response.statusCode ?? 0, await textOf(response))
  for await (const line of linesOf(response)) {
    const { type, object } = JSON.parse(line) as { type: string; object: T }
    if (type === 'BOOKMARK') continue
    if (type === 'ERROR') throw new ApiError(410, line)
    if (type === 'DELETED') seen.delete(keyOf(object))
    else seen.set(keyOf(object), object)
    told(object, type === 'DELETED')
  }
}

/** (node:readline never ends when its input breaks.) */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let pending = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    const lines = (pending + String(chunk)).split('\n')
    pending = lines.pop() ?? ''
    yield* lines
  }
}

/** With the uid: one of the same name made anew is another object. */
function keyOf({ metadata }: ApiObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}/${metadata?.uid ?? ''}`
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
