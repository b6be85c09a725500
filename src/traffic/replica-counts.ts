/**
 * What one process has redirected since it began, as it tells the leader: counts that only grow, with an id of this life of
 * the process. Pure. Nothing of it is about a person: hosts of the configuration, days, classes, and when somebody came
 * last, to the minute.
 */
import { z } from 'zod'
import { daySchema, daysKept } from './day.ts'

/** Hosts that nobody configured, all together. No name of a host: it has a space. */
export const otherHosts = 'other hosts'

/** Hosts that one answer may tell of; those that nobody configured are one of them. */
export const mostHosts = 1_000

const row = z.object({
  host: z.string().max(300),
  /** Another one when the process began to count this host anew: its counts began at 0 with it. */
  row: z.number().int().nonnegative(),
  /** Epoch ms. */
  lastSeen: z.number().int().nonnegative().exactOptional(),
  /** Newest first. Only the newest may still grow. */
  days: z.array(daySchema).max(daysKept),
})

const replicaCounts = z.object({
  v: z.literal(1),
  /** Another one after each start. */
  start: z.string().regex(/^[0-9a-f-]{8,64}$/),
  rows: z.array(row).max(mostHosts + 1),
})

export type CountedRow = z.infer<typeof row>
export type ReplicaCounts = z.infer<typeof replicaCounts>

/** The answer of a replica, or what is wrong with it in words of ours. */
export function readCounts(text: string): { ok: ReplicaCounts } | { fault: string } {
  try {
    const read = replicaCounts.safeParse(JSON.parse(text))
    return read.success ? { ok: read.data } : { fault: 'told counts that are none of this version' }
  } catch {
    return { fault: 'told counts that are not JSON' }
  }
}
