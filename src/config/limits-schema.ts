/** `issuers.NAME.limits`: by which limits a CA counts. Pure. What is known of Let's Encrypt's is in src/budget/limits.ts. */
import { z } from 'zod'
import { defaultReservePercent } from '../budget/limits.ts'
import { requiredDurationSchema as duration } from './fields.ts'

const figures = z.strictObject({
  limit: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .meta({ title: 'a whole number of at least 1', description: 'So many within the window.' }),
  // Compared with the clock, never slept.
  window: duration('7d', 'In which an empty bucket fills again, evenly.', { min: '1s', max: '365d' }),
})

const bucket = (text: string) =>
  z
    .union([z.literal('off'), figures])
    .optional()
    .meta({ title: 'off, or an object with limit and window', description: text })

const buckets = z.strictObject({
  newAccounts: bucket('Accounts registered; a CA counts them by address, port80 by issuer.'),
  newOrders: bucket('Orders of the account; renewals are exempt.'),
  certificatesPerDomain: bucket(
    'Certificates of each registered domain, by the public suffix list; renewals are exempt.',
  ),
  certificatesPerNames: bucket(
    'Certificates with exactly the same names; a renewal counts unless it names the certificate that it replaces (RFC 9773).',
  ),
  failedValidations: bucket('Validations that failed, of each name.'),
  reserve: z.int().min(0).max(90).prefault(defaultReservePercent).meta({
    title: 'a whole number from 0 to 90',
    description: 'Percent of each bucket that only renewals may use.',
  }),
})

export const limits = z.union([z.literal('off'), buckets]).meta({
  title: 'off, or an object with buckets and reserve',
  description:
    "The limits of the CA. port80 counts what it spends and places no order that would cross one: the certificate waits (OverBudget). For Let's Encrypt those that it publishes when left out, and what is written here wins; of other CAs nothing is counted until something is written. off counts nothing. What the CA itself asks for is kept to in any case.",
})
