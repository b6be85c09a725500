/** The leader's side of the published status (src/kube/published-object.ts). */
import type { StatusSnapshot } from '../status/snapshot.ts'
import { isWeather, type ApiFailure } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import type { ConfigMap } from './object.ts'
import {
  bodyIn,
  faultOfPublished,
  packBody,
  publishedAt,
  publishedLabels,
  type Packed,
} from './published-object.ts'
import { headText, lastingHead, type PublishedBody } from './published-record.ts'

export type PublishResult =
  | { readonly did: 'wrote' }
  /** Nothing new, and no sign of life is due. */
  | { readonly did: 'nothing' }
  /** Somebody else wrote in between: the next turn looks again. */
  | { readonly did: 'lost' }
  | { readonly did: 'failed'; readonly fault: string }

export type LastPublished =
  /** Undefined: nothing, or nothing legible. */
  | { readonly body: PublishedBody | undefined }
  /** `isWeather`: it may well be there, and legible with the next try. */
  | { readonly fault: string; readonly isWeather: boolean }

export interface Publisher {
  /** What stands there, for whoever takes over. Never rejects. */
  last(): Promise<LastPublished>
  /** Writes when something changed or when `alive` is due. Conditional on the version that was seen. Never rejects. */
  publish(snapshot: StatusSnapshot, aliveIsDue: boolean): Promise<PublishResult>
}

export interface PublisherOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** Who tells. */
  readonly by: string
  /** Asked before every write. */
  readonly mayWrite: () => Promise<boolean>
}

export function statusPublisher(options: PublisherOptions): Publisher {
  return new StatusPublisher(options)
}

type Unread = Extract<LastPublished, { fault: string }>

class StatusPublisher implements Publisher {
  readonly #options: PublisherOptions
  /** Undefined: to be looked at before the next write. */
  #standing: { readonly version: string | undefined } | undefined
  #packed: Packed | undefined
  #written: { readonly lasting: string; readonly body: string } | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  async last(): Promise<LastPublished> {
    const found = await this.#look()
    if ('fault' in found) return found
    const read = found.object && (await bodyIn(found.object))
    return { body: read && 'ok' in read ? read.ok : undefined }
  }

  async publish(snapshot: StatusSnapshot, aliveIsDue: boolean): Promise<PublishResult> {
    const body = await packBody(snapshot, this.#packed)
    this.#packed = body
    if (body === undefined) return { did: 'failed', fault: 'the status does not fit into a ConfigMap' }
    const lasting = lastingHead(snapshot)
    const { sameBody, sameHead } = this.#compare(body.base64, lasting)
    if (sameBody && sameHead && !aliveIsDue) return { did: 'nothing' }
    const fault = await this.#faultOfLook()
    if (fault !== undefined) return { did: 'failed', fault }
    if (!(await this.#options.mayWrite())) return { did: 'lost' }
    const head = headText(snapshot, this.#options.by, body.leftOut)
    const failure = await this.#write(head, sameBody ? undefined : body.base64)
    if (failure === undefined) {
      this.#written = { lasting, body: body.base64 }
      return { did: 'wrote' }
    }
    this.#forget()
    if (['conflict', 'exists', 'notFound'].includes(failure.kind)) return { did: 'lost' }
    return { did: 'failed', fault: failure.detail }
  }

  /** With what we wrote and is still there as far as we know. */
  #compare(body: string, lasting: string): { sameBody: boolean; sameHead: boolean } {
    return { sameBody: this.#written?.body === body, sameHead: this.#written?.lasting === lasting }
  }

  #forget(): void {
    this.#standing = undefined
    this.#written = undefined
  }

  async #faultOfLook(): Promise<string | undefined> {
    if (this.#standing !== undefined) return undefined
    const found = await this.#look()
    return 'fault' in found ? found.fault : undefined
  }

  async #write(head: string, body: string | undefined): Promise<ApiFailure | undefined> {
    const at = publishedAt(this.#options.namespace)
    const version = this.#standing?.version
    const content = { data: { head }, ...(body !== undefined && { binaryData: { body } }) }
    const reply =
      version === undefined
        ? await this.#options.client.create(at, { metadata: { labels: publishedLabels }, ...content })
        : await this.#options.client.merge(at, { metadata: { resourceVersion: version }, ...content })
    if ('failure' in reply) return reply.failure
    this.#standing = { version: reply.ok.metadata.resourceVersion }
    return undefined
  }

  async #look(): Promise<{ readonly object: ConfigMap | undefined } | Unread> {
    const { client, namespace } = this.#options
    const reply = await client.get(publishedAt(namespace))
    this.#forget()
    if ('failure' in reply && reply.failure.kind !== 'notFound')
      return { fault: reply.failure.detail, isWeather: isWeather(reply.failure) }
    const object = 'ok' in reply ? reply.ok : undefined
    const fault = object && faultOfPublished(object)
    if (fault !== undefined) return { fault, isWeather: false }
    this.#standing = { version: object?.metadata.resourceVersion }
    return { object }
  }
}
