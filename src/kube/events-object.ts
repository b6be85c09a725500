/** One thing that happened as an Event object (core v1, what `kubectl describe` and `kubectl events` show). Pure. */
import { hash } from 'node:crypto'
import { sanitizeDetail } from '../acme/printable.ts'
import type { New } from './client.ts'
import { fieldManager, managedBy } from './names.ts'
import type { KubeEvent } from './object.ts'
import type { News } from './events-of-change.ts'
import type { ObjectReference } from './reporter.ts'

/** What the API server takes as the note of an Event (events.k8s.io/v1), in characters. */
const longestMessage = 1_000

/**
 * One name for each object and reason: what happens again is counted on the Event that is there, as client-go's recorder
 * does, so that an object has at most one Event for each word of a closed list.
 */
export function eventName({ kind, name, uid = '' }: ObjectReference, reason: string): string {
  const readable = name.slice(0, 200).replace(/[^a-z0-9]+$/, '')
  return `${readable}.port80-${hash('sha256', `${kind}\0${name}\0${uid}\0${reason}`).slice(0, 16)}`
}

type Told = Pick<News, 'type' | 'reason' | 'message'>

/** `at` in epoch ms; `instance` is who saw it: the name of the pod. */
export function newEvent(
  object: ObjectReference,
  news: Told,
  { at, count, instance }: { readonly at: number; readonly count: number; readonly instance: string },
): New<KubeEvent> {
  const { apiVersion, kind, namespace, name, uid } = object
  return {
    metadata: { labels: { [managedBy]: 'port80' } },
    involvedObject: { apiVersion, kind, namespace, name, ...(uid !== undefined && { uid }) },
    reason: news.reason,
    source: { component: fieldManager },
    reportingComponent: fieldManager,
    reportingInstance: instance.slice(0, 128),
    firstTimestamp: secondsOf(at),
    ...againPatch(news, at),
    count,
  }
}

/** What changes when the same happens again, but for the count. */
export function againPatch(
  { type, message }: Told,
  at: number,
): Pick<KubeEvent, 'type' | 'message' | 'lastTimestamp'> {
  return { type, message: sanitizeDetail(message, longestMessage), lastTimestamp: secondsOf(at) }
}

function secondsOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** What an object may still be told, and when that was so (ms of a clock that only goes on). */
export interface Budget {
  readonly tokens: number
  readonly at: number
}

/** Twenty-five at once and one every five minutes after that: client-go's bounds for one object. */
const burst = 25
const refillMs = 300_000

/** The budget after one Event more, or undefined when there is none left. */
export function spent(before: Budget | undefined, now: number): Budget | undefined {
  const tokens = before ? Math.min(burst, before.tokens + Math.max(0, now - before.at) / refillMs) : burst
  return tokens < 1 ? undefined : { tokens: tokens - 1, at: now }
}
