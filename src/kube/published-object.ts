/**
 * The whole picture in one ConfigMap, `port80-status` in the store's namespace: written by the leader, read by everybody
 * else. A ConfigMap, so that responders need no right on Secrets; one, so that what is in it is of one moment.
 *
 * People read the head: kubectl get configmap port80-status -o jsonpath='{.data.head}'
 * and the body: kubectl get configmap port80-status -o jsonpath='{.binaryData.body}' | base64 -d | gunzip
 */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { reportedOf, sameButMoments } from '../finding/merge.ts'
import type { Reported } from '../finding/reported.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import { kindLabel, managedBy } from './names.ts'
import type { ConfigMap } from './object.ts'
import { drafts, readBody, readHead, type PublishedBody, type PublishedHead } from './published-record.ts'
import type { ObjectAt } from './resource-path.ts'

const packed = promisify(gzip)
const unpacked = promisify(gunzip)

export const publishedName = 'port80-status'
export const publishedLabels = { [managedBy]: 'port80', [kindLabel]: 'status' }

/** Bytes. A ConfigMap holds 1 MiB, head and the rest included. */
const longestBody = 900 * 1024
/** Bytes. Nobody may make a reader fill its memory with a few packed ones. */
const longestUnpacked = 64 * 1024 * 1024

export function publishedAt(namespace: string): ObjectAt<'configmaps'> {
  return { resource: 'configmaps', namespace, name: publishedName }
}

/** In words for a person; undefined when it is one of ours to read and to write. */
export function faultOfPublished({ metadata }: ConfigMap): string | undefined {
  if (metadata.labels?.[managedBy] === 'port80') return undefined
  return `ConfigMap ${metadata.namespace ?? ''}/${publishedName} is not port80's: remove or rename it`
}

export interface Packed {
  /** Text of the whole first draft: what it was made of. */
  readonly from: string
  readonly base64: string
  /** Certificates for which there was no room. */
  readonly leftOut: number
  /** What was found, as it is in there, and when that was (epoch ms). */
  readonly reported: Reported
  readonly at: number
}

/**
 * Milliseconds for which new moments alone (a canary looks all the time) do not make a new body: packing it and every
 * responder's reading it anew is worth a change, not a clock.
 */
const momentsMs = 60_000

/** The first draft that fits; `before` again when nothing changed; undefined when not even the shortest fits. */
export async function packBody(
  snapshot: StatusSnapshot,
  before: Packed | undefined,
): Promise<Packed | undefined> {
  let from: string | undefined
  const steady = withoutNewMoments(snapshot, before)
  const { reported, at } = steady
  for (const { text, leftOut } of drafts({ ...snapshot, ...reported })) {
    from ??= text
    if (before?.from === from) return before
    const bytes = await packed(text)
    if (bytes.length <= longestBody) return { from, base64: bytes.toString('base64'), leftOut, reported, at }
  }
  return undefined
}

function withoutNewMoments(
  snapshot: StatusSnapshot,
  before: Packed | undefined,
): Pick<Packed, 'reported' | 'at'> {
  const reported = reportedOf(snapshot)
  const isSteady =
    before !== undefined && snapshot.at - before.at < momentsMs && sameButMoments(before.reported, reported)
  return isSteady ? { reported: before.reported, at: before.at } : { reported, at: snapshot.at }
}

export function headIn(object: ConfigMap): { ok: PublishedHead } | { fault: string } {
  const fault = faultOfPublished(object)
  if (fault !== undefined) return { fault }
  const read = readHead(object.data?.head ?? '')
  return 'ok' in read ? read : { fault: `the head of ConfigMap ${publishedName} ${read.fault}` }
}

export async function bodyIn(object: ConfigMap): Promise<{ ok: PublishedBody } | { fault: string }> {
  const bytes = Buffer.from(object.binaryData?.body ?? '', 'base64')
  let text: Buffer
  try {
    text = await unpacked(bytes, { maxOutputLength: longestUnpacked })
  } catch {
    return { fault: `the body of ConfigMap ${publishedName} cannot be unpacked` }
  }
  const read = readBody(text.toString('utf8'))
  return 'ok' in read ? read : { fault: `the body of ConfigMap ${publishedName} ${read.fault}` }
}
