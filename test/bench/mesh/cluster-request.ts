/** Requests to the API server as tests make them, as an administrator. */
import type { KubeApiserver } from '../peers/kube-apiserver.ts'

/** Answers the object; throws, with the server's words, unless the status is 2xx. A patch is a merge patch. */
export type Must = <T = Record<string, unknown>>(method: string, path: string, body?: object) => Promise<T>

/** Over the API server that there is at each request: a restarted one is another. */
export function mustOf(api: () => Pick<KubeApiserver, 'ask'>): Must {
  return async <T>(method: string, path: string, body?: object) => {
    const answer = await api().ask(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
    return JSON.parse(answer.body) as T
  }
}
