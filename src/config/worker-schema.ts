/** Bounds of the worker. Pure. */
import { z } from 'zod'
import { durationSchema as duration } from './fields.ts'

export const worker = z.strictObject({
  parallelOrders: z.int().min(1).max(100).prefault(8).describe('Orders at the same time at the most.'),
  pollDeadline: duration(
    '2m',
    'How long the CA may take to decide an authorization or to issue, before the order is left for the next attempt.',
    { min: '10ms', max: '1h' },
  ),
  requestTimeout: duration('30s', 'One request to the CA.', { min: '10ms', max: '10m' }),
  tick: duration('30s', 'The longest sleep of the worker; it wakes earlier when something is due.', {
    min: '10ms', // 0 would be a busy loop
    max: '1h',
  }),
})
