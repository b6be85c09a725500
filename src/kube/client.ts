/**
 * The few verbs that port80 needs, typed, with a deadline on each and every refusal as a value (src/kube/api-failure.ts).
 *
 * A thin client of our own instead of @kubernetes/client-node's generated one: that takes 84 MB and over half a second to
 * load in every pod, throws its refusals as errors with the answer's body in the message, and sets no deadlines.
 */
import type { IncomingMessage } from 'node:http'
import type { Access } from './access.ts'
import { failed, type Act, type Reply } from './api-failure.ts'
import { fieldManager } from './names.ts'
import type { KubeObject, ObjectMeta, ResourceName, Resources } from './object.ts'
import { listPages, type Page } from './page.ts'
import { pathOf, pathOfAll, queryOf, typeOf, type ObjectAt, type ObjectsAt } from './resource-path.ts'
import { Sender, type Call, type Sent } from './sender.ts'

/** Members to set; `null` removes one (RFC 7386). With `metadata.resourceVersion` in it, it is conditional. */
export type MergePatch = Readonly<Record<string, unknown>>

/** An object to write; type and place are filled in. */
export type New<T extends KubeObject> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & {
  readonly metadata?: ObjectMeta
}

/**
 * - A call resolves within its deadline (10 s unless given); it rejects only when the caller's signal aborts or for a bug.
 * - A read is sent again once when a kept-alive socket turned out to be closed; a write only where doing it twice is doing
 *   it once. A write that timed out or lost its connection may have been carried out.
 * - After 401 the credentials are read again once; 429 is waited out while the deadline allows.
 */
export interface KubeClient {
  /** Namespace of the pod, or of the kubeconfig's context. */
  readonly namespace: string
  get<R extends ResourceName>(at: ObjectAt<R>, call?: Call): Promise<Reply<Resources[R]>>
  list<R extends ResourceName>(at: ObjectsAt<R>, call?: Call): Promise<Reply<Page<Resources[R]>>>
  /** Names, labels, annotations and versions only: a list of Secrets without their content. */
  listMetadata(at: ObjectsAt, call?: Call): Promise<Reply<Page<KubeObject>>>
  create<R extends ResourceName>(at: ObjectAt<R>, object: New<Resources[R]>, call?: Call): Written<R>
  /** The whole object; conditional where `metadata.resourceVersion` is given. */
  replace<R extends ResourceName>(at: ObjectAt<R>, object: New<Resources[R]>, call?: Call): Written<R>
  merge<R extends ResourceName>(at: ObjectAt<R>, patch: MergePatch, call?: Call): Written<R>
  /** Server-side apply, forced: made or changed, whichever it takes. Needs the rights to create and to patch. */
  apply<R extends ResourceName>(at: ObjectAt<R>, object: New<Resources[R]>, call?: Call): Written<R>
  /** Conditional on the version where one is given. */
  remove(at: ObjectAt, resourceVersion: string | undefined, call?: Call): Promise<Reply<undefined>>
  /** The open stream of a watch (src/kube/watch.ts reads it). Its signal ends it; the deadline is for its beginning. */
  watch(
    at: ObjectsAt,
    from: { readonly resourceVersion: string; readonly timeoutSeconds: number },
    call: Call & { readonly signal: AbortSignal },
  ): Promise<Reply<IncomingMessage>>
  /** The next call reads the credentials again. */
  forgetCredentials(): void
}

type Written<R extends ResourceName> = Promise<Reply<Resources[R]>>

export interface ClientOptions {
  readonly access: Access
  /** `port80/0.1.0`; the API server's audit log shows it. */
  readonly userAgent: string
}

export function kubeClient({ access, userAgent }: ClientOptions): KubeClient {
  return new Client(access, userAgent)
}

class Client implements KubeClient {
  readonly namespace: string
  readonly #access: Access
  readonly #sender: Sender

  constructor(access: Access, userAgent: string) {
    this.namespace = access.namespace
    this.#access = access
    this.#sender = new Sender(access, userAgent)
  }

  get<R extends ResourceName>(at: ObjectAt<R>, call?: Call): Promise<Reply<Resources[R]>> {
    return this.#object({ verb: 'get', ...at }, { method: 'GET', path: pathOf(at) }, call)
  }

  list<R extends ResourceName>(at: ObjectsAt<R>, call?: Call): Promise<Reply<Page<Resources[R]>>> {
    return listPages(this.#sender, at, undefined, call)
  }

  listMetadata(at: ObjectsAt, call?: Call): Promise<Reply<Page<KubeObject>>> {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    return listPages(this.#sender, at, accept, call)
  }

  create<R extends ResourceName>(at: ObjectAt<R>, object: New<Resources[R]>, call?: Call): Written<R> {
    const path = `${pathOfAll(at)}${queryOf({}, { fieldManager })}`
    const body = { type: 'application/json', text: textOf(at, object) }
    return this.#object({ verb: 'create', ...at }, { method: 'POST', path, body }, call)
  }

  replace<R extends ResourceName>(at: ObjectAt<R>, object: New<Resources[R]>, call?: Call): Written<R> {
    const path = `${pathOf(at)}${queryOf({}, { fieldManager })}`
    const body = { type: 'application/json', text: textOf(at, object) }
    return this.#object({ verb: 'update', ...at }, { method: 'PUT', path, body }, call)
  }

  merge<R extends ResourceName>(at: ObjectAt<R>, patch: MergePatch, call?: Call): Written<R> {
    const path = `${pathOf(at)}${queryOf({}, { fieldManager })}`
    const body = { type: 'application/merge-patch+json', text: JSON.stringify(patch) }
    return this.#object({ verb: 'patch', ...at }, { method: 'PATCH', path, body }, call)
  }

  apply<R extends ResourceName>(at: ObjectAt<R>, object: New<Resources[R]>, call?: Call): Written<R> {
    const path = `${pathOf(at)}${queryOf({}, { fieldManager, force: true })}`
    // JSON is YAML, and every API server that knows server-side apply takes this type.
    const body = { type: 'application/apply-patch+yaml', text: textOf(at, object) }
    return this.#object({ verb: 'patch', ...at }, { method: 'PATCH', path, body, idempotent: true }, call)
  }

  async remove(at: ObjectAt, resourceVersion: string | undefined, call?: Call): Promise<Reply<undefined>> {
    const text = JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'DeleteOptions' },
      ...(resourceVersion !== undefined && { preconditions: { resourceVersion } }),
    })
    const body = { type: 'application/json', text }
    const sent: Sent = { method: 'DELETE', path: pathOf(at), body, idempotent: true }
    const answer = await this.#sender.text({ verb: 'delete', ...at }, sent, call)
    return 'ok' in answer ? { ok: undefined } : answer
  }

  watch(
    at: ObjectsAt,
    from: { readonly resourceVersion: string; readonly timeoutSeconds: number },
    call: Call & { readonly signal: AbortSignal },
  ): Promise<Reply<IncomingMessage>> {
    const query = queryOf(at, { watch: true, allowWatchBookmarks: true, ...from })
    const sent: Sent = { method: 'GET', path: `${pathOfAll(at)}${query}` }
    return this.#sender.stream({ verb: 'watch', ...at }, sent, call)
  }

  forgetCredentials(): void {
    this.#access.forget()
  }

  async #object<T>(act: Act, sent: Sent, call: Call | undefined): Promise<Reply<T>> {
    const answer = await this.#sender.text(act, sent, call)
    return 'ok' in answer ? parsed<T>(act, answer.ok) : answer
  }
}

/** The answer's shape is the API server's promise; that it is an object with metadata is checked. */
function parsed<T>(act: Act, text: string): Reply<T> {
  try {
    const object = JSON.parse(text) as (T & { metadata?: unknown }) | null
    if (typeof object?.metadata === 'object') return { ok: object }
  } catch {
    // Told below.
  }
  return { failure: failed(act, 'unusable', 'the answer is no Kubernetes object') }
}

function textOf(at: ObjectAt, object: New<KubeObject>): string {
  const metadata = { ...object.metadata, name: at.name, namespace: at.namespace }
  return JSON.stringify({ ...object, ...typeOf(at.resource), metadata })
}
