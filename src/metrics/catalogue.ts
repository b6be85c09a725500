/**
 * Every metric of port80: name, help and labels in one place. Pure. docs/metrics.md holds the same as a table, and a
 * test compares the two. Suffixes and labels are cert-manager's where it has the metric, so that its dashboards and
 * alerts need only the prefix changed. Times are Unix seconds.
 */

import { budgetGauges } from './budget-catalogue.ts'
import { pickup, servingGauges } from './serving-catalogue.ts'

interface Definition {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

/** The labels of a definition as a record of values. */
export type LabelsOf<D extends Definition> = { readonly [Label in D['labels'][number]]: string }

/** Set anew from the status snapshot at each scrape: what is no longer configured is no longer there. */
export const statusGauges = {
  notAfter: {
    name: 'port80_certificate_not_after_timestamp_seconds',
    help: 'End of the validity of the current pair (notAfter).',
    labels: ['name', 'issuer'],
  },
  notBefore: {
    name: 'port80_certificate_not_before_timestamp_seconds',
    help: 'Start of the validity of the current pair (notBefore).',
    labels: ['name', 'issuer'],
  },
  expiration: {
    name: 'port80_certificate_expiration_timestamp_seconds',
    help: 'When the current pair expires; the same moment as not_after, under the name that dashboards use.',
    labels: ['name', 'issuer'],
  },
  renewal: {
    name: 'port80_certificate_renewal_timestamp_seconds',
    help: 'The moment chosen for the renewal of the current pair.',
    labels: ['name', 'issuer'],
  },
  ready: {
    name: 'port80_certificate_ready_status',
    help: 'One of the conditions True, False and Unknown is 1. Unknown: the store cannot be read, or the leader is silent.',
    labels: ['name', 'issuer', 'condition'],
  },
  status: {
    name: 'port80_certificate_status',
    help: 'Always 1: the state (ready, placeholder, missing, expired) and the reason for the next step.',
    labels: ['name', 'state', 'reason'],
  },
  nextAction: {
    name: 'port80_certificate_next_action_timestamp_seconds',
    help: 'When the next act for the certificate is due; absent while nothing is scheduled.',
    labels: ['name', 'issuer'],
  },
  failures: {
    name: 'port80_certificate_consecutive_failures',
    help: 'Failed attempts in a row.',
    labels: ['name', 'issuer'],
  },
  faultyDestinations: {
    name: 'port80_certificate_destinations_faulty',
    help: 'Destinations that do not hold the current pair.',
    labels: ['name', 'issuer'],
  },
  lastInstallation: {
    name: 'port80_certificate_wanted_to_installed_seconds',
    help: 'Time from the moment the current pair was wanted to its installation.',
    labels: ['name', 'issuer'],
  },
  holds: {
    name: 'port80_holds',
    help: 'Limits of the CA in force, by what they cover.',
    labels: ['issuer', 'kind'],
  },
  holdUntil: {
    name: 'port80_hold_until_timestamp_seconds',
    help: 'When the last of the limits of this kind ends.',
    labels: ['issuer', 'kind'],
  },
  leader: {
    name: 'port80_leader',
    help: '1 while the worker of this process leads and orders.',
    labels: [],
  },
  workerStuck: {
    name: 'port80_worker_stuck',
    help: '1 while the worker has not ticked for longer than a tick may take (then /livez fails).',
    labels: [],
  },
  nextWake: {
    name: 'port80_worker_next_wake_timestamp_seconds',
    help: 'When the worker wakes next; absent when it does not.',
    labels: [],
  },
  storeReadable: {
    name: 'port80_store_readable',
    help: '1 while the store can be read.',
    labels: [],
  },
  told: {
    name: 'port80_status_told_timestamp_seconds',
    help: 'When the leader wrote the status that this process shows; absent where it shows its own look.',
    labels: [],
  },
  stale: {
    name: 'port80_status_stale',
    help: '1 while certificates are shown as a leader told them that has not been heard of for 90 s, or never.',
    labels: [],
  },
  sources: {
    name: 'port80_discovery_objects',
    help: 'Objects of the cluster that ask for certificates (and kinds of them that cannot be read), by what became of them; absent where discovery is off.',
    labels: ['state'],
  },
  finding: {
    name: 'port80_finding',
    help: 'Findings by code (docs/findings), severity, certificate and managed host (empty where it is about no one host); absent while there is none, and while the leader is silent.',
    labels: ['code', 'severity', 'certificate', 'host'],
  },
  ...servingGauges,
  ...budgetGauges,
  tokens: {
    name: 'port80_challenge_tokens',
    help: 'Live tokens in the store.',
    labels: [],
  },
  build: {
    name: 'port80_build_info',
    help: 'Always 1: the version that runs.',
    labels: ['version'],
  },
  clock: {
    name: 'port80_clock_time_seconds',
    help: 'The clock of the process, for comparing it with the one of the scraper.',
    labels: [],
  },
} as const satisfies Record<string, Definition>

/** Of the scrape itself. */
export const statusReadable = {
  name: 'port80_status_readable',
  help: '0 when the status could not be had for this scrape: the metrics of certificates are then left out.',
  labels: [],
} as const satisfies Definition

/** Counted by the public server. */
export const publicCounters = {
  challengeRequests: {
    name: 'port80_challenge_requests_total',
    help: 'Requests below /.well-known/acme-challenge/ by result.',
    labels: ['result'],
  },
  redirects: {
    name: 'port80_redirects_total',
    help: 'Requests answered with a redirect to https, by status.',
    labels: ['status'],
  },
  hostRedirects: {
    name: 'port80_host_redirects_total',
    help: 'Redirects by managed host (the first 1000; the rest and all hosts that are not managed as "other hosts") and class of the program by its User-Agent: browser, bot, library, other.',
    labels: ['host', 'agent'],
  },
  refused: {
    name: 'port80_refused_requests_total',
    help: 'Requests that are neither a challenge nor fit for a redirect, by reason.',
    labels: ['reason'],
  },
} as const satisfies Record<string, Definition>

/** Recorded by the ACME client. */
export const acmeMetrics = {
  requests: {
    name: 'port80_http_acme_client_requests_total',
    help: 'Requests to the CA by action and status; status none: no answer came.',
    labels: ['issuer', 'action', 'status'],
  },
  duration: {
    name: 'port80_http_acme_client_request_duration_seconds',
    help: 'Duration of requests to the CA by action and status.',
    labels: ['issuer', 'action', 'status'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
} as const satisfies Record<string, Definition & { buckets?: readonly number[] }>

/** Recorded by the worker and by whoever reads the configuration. */
export const workerMetrics = {
  attempts: {
    name: 'port80_certificate_attempts_total',
    help: 'Attempts by outcome (issued, failed) and reason: why it was ordered, or why it failed.',
    labels: ['name', 'outcome', 'reason'],
  },
  orders: {
    name: 'port80_orders_total',
    help: 'Orders by issuer, result (issued, failed) and reason: why it was ordered, or why it failed.',
    labels: ['issuer', 'result', 'reason'],
  },
  wantedToInstalled: {
    name: 'port80_wanted_to_installed_seconds',
    help: 'Time from the moment a pair was wanted to its installation.',
    labels: [],
    buckets: [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400],
  },
  pickup,
  lastTick: {
    name: 'port80_worker_last_successful_tick_timestamp_seconds',
    help: 'When the worker last finished a tick; absent before the first.',
    labels: [],
  },
  restarts: {
    name: 'port80_worker_restarts_total',
    help: 'Restarts of the worker after a crash.',
    labels: [],
  },
  configAccepted: {
    name: 'port80_configuration_accepted',
    help: '1 while the configuration file on disk is the one in force; 0 while its last version is refused.',
    labels: [],
  },
  configAcceptedAt: {
    name: 'port80_configuration_last_accepted_timestamp_seconds',
    help: 'When the configuration in force was accepted.',
    labels: [],
  },
  configFaults: {
    name: 'port80_configuration_faults',
    help: 'Faults of the refused version of the configuration file; 0 when none is refused.',
    labels: [],
  },
} as const satisfies Record<string, Definition & { buckets?: readonly number[] }>

/** Of the process, beside the ones that prom-client ships. */
export const processCounters = {
  cpu: {
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent.',
    labels: [],
  },
  eventLoop: {
    name: 'port80_event_loop_busy_seconds_total',
    help: 'Time that the event loop was busy; its rate is the utilisation, near 1 the process is at its limit.',
    labels: [],
  },
} as const satisfies Record<string, Definition>
