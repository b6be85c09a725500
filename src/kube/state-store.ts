/**
 * State in Secrets of port80's own namespace, one a key (names: src/kube/state-secret.ts). The version is the
 * resourceVersion, so what is promised about lost races is what the API server promises.
 *
 * Secrets, because account keys and private keys are in it: they are encrypted at rest where a cluster is set up so, and
 * rights on them are given with care. Rights it takes there: get, list, create, patch, delete.
 */
import type { OnForeign } from '../disk/foreign.ts'
import { ForeignFiles } from '../disk/foreign.ts'
import { KeyedQueue } from '../disk/keyed-queue.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { Port80Failure } from '../reason.ts'
import { partsOf, type KeyParts, type StateKind } from '../state/state-key.ts'
import { StateConflict, type StateKey, type StateStore, type Versioned } from '../state/store.ts'
import { storeFailure } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import type { Secret } from './object.ts'
import type { ObjectAt } from './resource-path.ts'
import {
  documentIn,
  documentOf,
  longestDocument,
  secretNameOf,
  stateKeyOf,
  stateLabels,
  stateSecret,
} from './state-secret.ts'

export interface KubeStateStoreOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly onForeign: OnForeign
}

export function kubeStateStore(options: KubeStateStoreOptions): StateStore {
  return new KubeStateStore(options)
}

/** What the API server takes as a version; anything else it would call a bad request. */
const versionSyntax = /^[0-9]{1,20}$/

class KubeStateStore implements StateStore {
  readonly #client: KubeClient
  readonly #namespace: string
  readonly #foreign: ForeignFiles
  readonly #queue = new KeyedQueue()

  constructor({ client, namespace, onForeign }: KubeStateStoreOptions) {
    this.#client = client
    this.#namespace = namespace
    this.#foreign = new ForeignFiles(onForeign)
  }

  async read(key: StateKey): Promise<Versioned | undefined> {
    const at = this.#at(partsOfKey(key))
    const reply = await this.#client.get(at)
    if ('ok' in reply) return this.#documentOf(reply.ok, key, at)
    if (reply.failure.kind === 'notFound') return undefined
    throw storeFailure(reply.failure)
  }

  async write(key: StateKey, text: string, expected: string | undefined): Promise<string> {
    const parts = partsOfKey(key)
    const at = this.#at(parts)
    if (Buffer.byteLength(text) > longestDocument)
      throw storeFailed(`writing ${wordsFor(at)}`, 'text too large')
    if (expected !== undefined && !versionSyntax.test(expected)) throw conflict(key)
    const reply = await this.#queue.run(key, () =>
      expected === undefined
        ? this.#client.create(at, stateSecret(key, parts.kind, text))
        : this.#client.merge(at, { metadata: { resourceVersion: expected }, data: documentIn(text) }),
    )
    if ('ok' in reply) return this.#documentOf(reply.ok, key, at).version
    const { kind } = reply.failure
    // notFound while creating means that the namespace is missing: that is no conflict.
    const lost = kind === 'exists' || kind === 'conflict' || (kind === 'notFound' && expected !== undefined)
    throw lost ? conflict(key) : storeFailure(reply.failure)
  }

  async remove(key: StateKey, expected: string): Promise<void> {
    const at = this.#at(partsOfKey(key))
    if (!versionSyntax.test(expected)) {
      if ((await this.read(key)) === undefined) return
      throw conflict(key)
    }
    const reply = await this.#queue.run(key, () => this.#client.remove(at, expected))
    if ('ok' in reply || reply.failure.kind === 'notFound') return
    throw reply.failure.kind === 'conflict' ? conflict(key) : storeFailure(reply.failure)
  }

  /** Without the content: the names of a thousand Secrets with three pairs each are not worth 20 MB. */
  async list(kind: StateKind): Promise<readonly StateKey[]> {
    const reply = await this.#client.listMetadata({
      resource: 'secrets',
      namespace: this.#namespace,
      labels: stateLabels(kind),
    })
    if (!('ok' in reply)) throw storeFailure(reply.failure)
    return reply.ok.items.flatMap((item) => {
      const key = stateKeyOf(item)
      const path = `Secret ${this.#namespace}/${item.metadata.name ?? ''}`
      if (key !== undefined) this.#foreign.mended(path)
      else this.#foreign.report(path, 'has the labels of port80 but is none of its Secrets')
      return key ?? []
    })
  }

  #documentOf(secret: Secret, key: StateKey, at: ObjectAt): Versioned {
    const found = documentOf(secret, key)
    if (!('fault' in found)) {
      this.#foreign.mended(wordsFor(at))
      return found
    }
    this.#foreign.report(wordsFor(at), found.fault)
    throw storeFailed(`reading ${wordsFor(at)}`, found.fault)
  }

  #at(parts: KeyParts): ObjectAt<'secrets'> {
    return { resource: 'secrets', namespace: this.#namespace, name: secretNameOf(parts) }
  }
}

function partsOfKey(key: StateKey): KeyParts {
  const parts = partsOf(key)
  if (!parts) throw new Port80Failure({ reason: 'InternalError', detail: 'not a key of the state store' })
  return parts
}

function conflict(key: StateKey): StateConflict {
  return new StateConflict(`${key} was written by somebody else`)
}

function wordsFor(at: ObjectAt): string {
  return `Secret ${at.namespace}/${at.name}`
}
