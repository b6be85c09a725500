/** The part of the catalogue about what was spent of the limits of the CAs, set from the status snapshot. Pure. */
export const budgetGauges = {
  budgetRemaining: {
    name: 'port80_budget_remaining',
    help: 'What is left of the limit of the CA by our own count, of the name or domain that has least left; absent while nothing of it is spent.',
    labels: ['issuer', 'bucket'],
  },
  budgetLimit: {
    name: 'port80_budget_limit',
    help: 'The limit of the CA that is counted by, the part that is kept for renewals with it; absent while nothing of it is spent.',
    labels: ['issuer', 'bucket'],
  },
  budgetNext: {
    name: 'port80_budget_next_possible_timestamp_seconds',
    help: 'When a new order fits again into every bucket of this kind; absent while it fits now.',
    labels: ['issuer', 'bucket'],
  },
} as const
