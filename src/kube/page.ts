/** Lists in pages: one answer of thousands of objects would hold up the API server and us. */
import { failed, type Act, type Reply } from './api-failure.ts'
import { pathOfAll, queryOf, type ObjectsAt } from './resource-path.ts'
import type { Call, Sender } from './sender.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Where a watch begins that is to miss nothing after this list. */
  readonly resourceVersion: string
}

const pageSize = 1_000
/** A version expires after five minutes; a list that takes longer than that begins anew. */
const beginnings = 3

/** All pages together. The deadline is for each page. */
export async function listPages<T>(
  sender: Sender,
  at: ObjectsAt,
  accept: string | undefined,
  call: Call | undefined,
): Promise<Reply<Page<T>>> {
  for (let beginning = 1; ; beginning++) {
    const reply = await onePassOver<T>({ sender, at, accept, call })
    if ('ok' in reply || reply.failure.kind !== 'gone' || beginning === beginnings) return reply
  }
}

async function onePassOver<T>(pass: {
  readonly sender: Sender
  readonly at: ObjectsAt
  readonly accept: string | undefined
  readonly call: Call | undefined
}): Promise<Reply<Page<T>>> {
  const { sender, at, accept, call } = pass
  const act: Act = { verb: 'list', resource: at.resource, namespace: at.namespace }
  const items: T[] = []
  let next: string | undefined
  do {
    const path = `${pathOfAll(at)}${queryOf(at, { limit: pageSize, continue: next })}`
    const answer = await sender.text(
      act,
      { method: 'GET', path, ...(accept !== undefined && { accept }) },
      call,
    )
    if (!('ok' in answer)) return answer
    const page = pageIn<T>(answer.ok)
    if (!page) return { failure: failed(act, 'unusable', 'the answer is no list') }
    items.push(...page.items)
    next = page.next
    // Every page carries the version of the first: the list is one moment, however long it took.
    if (next === undefined) return { ok: { items, resourceVersion: page.resourceVersion } }
  } while (next !== undefined)
  throw new Error('unreachable: the last page has no next')
}

function pageIn<T>(
  text: string,
): { items: T[]; resourceVersion: string; next: string | undefined } | undefined {
  let list: { items?: T[] | null; metadata?: { resourceVersion?: string; continue?: string } } | null
  try {
    list = JSON.parse(text) as typeof list
  } catch {
    return undefined
  }
  const { resourceVersion, continue: next } = list?.metadata ?? {}
  if (resourceVersion === undefined) return undefined
  return { items: list?.items ?? [], resourceVersion, next: next === '' ? undefined : next }
}
