/** Everybody else's side of the published status (src/kube/published-object.ts). */
import { setTimeout as pause } from 'node:timers/promises'
import type { Told } from '../status/told.ts'
import type { KubeClient } from './client.ts'
import type { ConfigMap } from './object.ts'
import { bodyIn, headIn, publishedAt, publishedName } from './published-object.ts'
import type { PublishedHead } from './published-record.ts'
import type { WatchEnd } from './watch-end.ts'
import { watchObjects } from './watch.ts'

/** What src/status/told.ts makes a snapshot of. */
export interface Hearsay {
  readonly told: Told | undefined
  /** Why nothing, or nothing newer, is known. */
  readonly fault?: string
}

export interface PublishedReader {
  /** Never rejects; at once, but for the first list, which is waited for at most a second. */
  readonly latest: () => Promise<Hearsay>
  stop(): Promise<void>
}

export interface PublishedReaderOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** For the log: every end of the watch that was not asked for. */
  readonly ended?: (end: WatchEnd, delayMs: number) => void
}

const firstListMs = 1_000

/** Follows the one object; takes list and watch on it (a Role may name it). */
export function followPublished({ client, namespace, ended }: PublishedReaderOptions): PublishedReader {
  const reading = new Reading()
  const see = (object: ConfigMap | undefined) =>
    reading.see(object, { wall: Date.now(), steady: performance.now() })
  const watch = watchObjects({
    client,
    at: { resource: 'configmaps', namespace, fields: `metadata.name=${publishedName}` },
    listed: (objects) => see(objects[0]),
    changed: ({ type, object }) => see(type === 'DELETED' ? undefined : object),
    ...(ended && { ended }),
  })
  return {
    async latest() {
      if (!watch.state().synced) await Promise.race([watch.synced(), pause(firstListMs)])
      const { synced, fault } = watch.state()
      const latest = await reading.told(performance.now())
      if (latest.fault !== undefined || (synced && fault === undefined)) return latest
      return { ...latest, fault: fault ?? 'the API server has not answered yet' }
    },
    stop: () => watch.stop(),
  }
}

/** One look, for a command: takes get. Never rejects. */
export async function readPublished(client: KubeClient, namespace: string): Promise<Hearsay> {
  const reply = await client.get(publishedAt(namespace))
  if ('failure' in reply && reply.failure.kind !== 'notFound') {
    return { told: undefined, fault: reply.failure.detail }
  }
  const reading = new Reading()
  const steady = performance.now()
  reading.see('ok' in reply ? reply.ok : undefined, { wall: Date.now(), steady })
  return reading.told(steady)
}

const nothingThere = `there is no ConfigMap ${publishedName}: no leader has told its status yet`

/** Reads what it is given, and the body only when that is another one. */
class Reading {
  #head: PublishedHead | undefined
  #seen: { readonly at: number; readonly ageMs: number } | undefined
  #body: { readonly base64: string; readonly read: Awaited<ReturnType<typeof bodyIn>> } | undefined
  #object: ConfigMap | undefined
  #fault: string | undefined

  /**
   * `wall` in epoch ms, `steady` on a clock that only goes on. The age of what is seen for the first time is told by the
   * clocks of two machines; afterwards only by how long ago it changed here.
   */
  see(object: ConfigMap | undefined, { wall, steady }: { wall: number; steady: number }): void {
    const read = object === undefined ? { fault: nothingThere } : headIn(object)
    this.#fault = 'fault' in read ? read.fault : undefined
    if ('fault' in read) return
    if (this.#head?.at !== read.ok.at || this.#head.by !== read.ok.by)
      this.#seen = { at: steady, ageMs: this.#head ? 0 : Math.max(0, wall - read.ok.at) }
    this.#head = read.ok
    this.#object = object
  }

  /** What was told last and can be read, and why nothing newer is known. */
  async told(steady: number): Promise<Hearsay> {
    const [head, object, seen] = [this.#head, this.#object, this.#seen]
    const fault = this.#fault
    if (!head || !object || !seen) return { told: undefined, ...(fault !== undefined && { fault }) }
    const body = await this.#read(object)
    if ('fault' in body) return { told: undefined, fault: body.fault }
    const { v: _v, ...rest } = body.ok
    const { by, at, worker, store, leftOut } = head
    const ageMs = seen.ageMs + (steady - seen.at)
    return {
      told: { by, at, worker, store, leftOut, ageMs, ...rest },
      ...(fault !== undefined && { fault }),
    }
  }

  async #read(object: ConfigMap): Promise<Awaited<ReturnType<typeof bodyIn>>> {
    const base64 = object.binaryData?.body ?? ''
    if (this.#body?.base64 === base64) return this.#body.read
    const read = await bodyIn(object)
    this.#body = { base64, read }
    return read
  }
}
