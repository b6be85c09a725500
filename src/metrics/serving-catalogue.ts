/** The part of the catalogue about findings and what gateways serve, set from the status snapshot. Pure. */
export const servingGauges = {
  findingSince: {
    name: 'port80_finding_since_timestamp_seconds',
    help: 'When the oldest finding of this code and severity was seen first.',
    labels: ['code', 'severity'],
  },
  canaryOk: {
    name: 'port80_canary_ok',
    help: '1 while the last look of canary or preflight at the host found no error along any way of this leg (inside: each gateway pod; outside: each public address); absent where nobody looked, and while the leader is silent.',
    labels: ['host', 'leg'],
  },
  canaryLook: {
    name: 'port80_canary_last_look_timestamp_seconds',
    help: 'When the host was looked at last along this leg.',
    labels: ['host', 'leg'],
  },
  servedMatches: {
    name: 'port80_served_matches',
    help: '1 while every gateway pod that took a connection serves what is stored; absent where none did, or nobody looks.',
    labels: ['name'],
  },
  pickupLast: {
    name: 'port80_certificate_sds_pickup_seconds',
    help: 'Time from the last installation until the slowest gateway pod served it.',
    labels: ['name'],
  },
  observedNotAfter: {
    name: 'port80_observed_not_after_seconds',
    help: 'End of the validity of an observed certificate (notAfter), the earliest of its pods; a Unix time.',
    labels: ['name'],
  },
} as const

export const pickup = {
  name: 'port80_sds_pickup_seconds',
  help: 'Time from the installation of a pair until every gateway pod served it.',
  labels: [],
  buckets: [0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300],
} as const
