/** The worker's own lint of the cluster. Pure. */
import { z } from 'zod'
import { durationSchema as duration } from './fields.ts'

const look = z.strictObject({
  every: duration(
    '10m',
    'How often the objects of the cluster are read and judged; while something is wrong, every minute at the latest.',
    { min: '5s', max: '24h' },
  ),
})

export const lint = z
  .union([z.literal('off'), look])
  .prefault('off')
  .meta({
    title: 'off, or an object with every',
    description:
      'Whether the worker that leads judges the objects of the cluster as `port80 lint` does, and tells what it finds; off when left out, because it has to read them in all namespaces.',
  })
