/** `traffic/redirects`: who came over plain http, summed up over all replicas (src/traffic/fold.ts). Pure. */
import { z } from 'zod'
import { daySchema, daysKept } from '../traffic/day.ts'
import { grown } from './newer.ts'

const time = z.number().int().nonnegative()
const day = z.number().int().nonnegative()

const host = grown({
  /** The first day that is counted, in days since 1970. */
  since: day,
  /** To the minute. */
  lastSeen: time.optional(),
  /** Newest first; days on which nobody came are not in it. */
  days: z.array(daySchema).max(daysKept),
})
export type HostTraffic = z.infer<typeof host>

const replica = grown({
  /** Pod, or host and process id. */
  at: z.string(),
  /** Since when it is not among the replicas any more. */
  goneAt: time.optional(),
  /** By host: up to where its counts are in the sum. All that it told of earlier days is. */
  rows: z.record(z.string(), grown({ row: time, last: daySchema })),
})
export type ReplicaTraffic = z.infer<typeof replica>

export const trafficRecord = grown({
  v: z.literal(1),
  /** When counting began. */
  since: time,
  hosts: z.record(z.string(), host),
  /** Hosts that are counted together, for want of room (src/traffic/rest.ts). */
  folded: z.array(z.string()).exactOptional(),
  /** By the id of one life of one process. */
  replicas: z.record(z.string(), replica),
})
export type TrafficRecord = z.infer<typeof trafficRecord>
