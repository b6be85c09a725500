/** The text of docs/failures.md: the table by which port80 acts (src/acme/failure.ts), in words. */
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { failureRules, longestWaitMs, type Course } from '../src/acme/failure.ts'
import { formatDuration } from '../src/config/duration.ts'
import { failureReasons, restReasons, type FailureReason, type RestReason } from '../src/reason.ts'

const start = `<!-- Written by docs/generate.ts (npm run docs). Change src/acme/failures-of-*.ts or docs/failures-document.ts, not this file. -->

# Failures

Every failed attempt has one reason out of the closed list below. The same word is the field \`reason\` in the log, the label \`reason\` of the metrics, and what \`/status\` and \`port80 status\` show, together with \`detail\`: the other side's own words where there are any, at most 500 printable characters.

While the CA decides about an authorization or issues, a question that meets an outage, a time-out, an unusable answer or a 5xx is asked again until \`worker.pollDeadline\`; only then is it a failure.

A failure of one certificate delays no other. What was valid stays installed: nothing is replaced by something worse. Failures are stored, so a restart does not begin the waiting again, and a crash loop spends nothing at the CA.

## What port80 does

COURSES

Each wait is stretched or shortened by up to a tenth, so that many certificates do not come back at once. A \`Retry-After\` of the CA (seconds or a date, or the moment that Let's Encrypt writes into its message) that is later than our own wait wins, up to LONGEST; it also holds every other certificate that the same limit covers: all of the issuer, all below a registered domain, one name, or one exact set of names.

To try at once, after you have mended something: \`port80 issue NAME\`. With a \`fallbackIssuer\`, the third failure in a row of the first issuer (or one that says stop) is followed by an order there; each issuer then waits by its own failures, and the one whose wait ends sooner is asked.
`

const courses: Readonly<Record<Course, { readonly name: string; readonly does: string }>> = {
  aside: {
    name: 'nothing',
    does: 'It is not counted as a failure. The order is gone on with at the next chance.',
  },
  again: {
    name: 'again at once',
    does: 'Tried again at once; when it fails again, as _back off_.',
  },
  'back-off': {
    name: 'back off',
    does: 'Waits 1 min after the first failure in a row, 10 min after the second, 100 min after the third, then a day each time.',
  },
  'retry-soon': {
    name: 'retry soon',
    does: 'Waits 1 min, 10 min, then an hour each time: the CA was not asked for anything that it counts.',
  },
  'look-again': {
    name: 'look again',
    does: 'Looks again after 30 s, 1, 2 and 5 min, then every 10 min. The CA was not asked for anything: it is not counted as a failure in a row.',
  },
  stop: {
    name: 'stop',
    does: 'Waits until the configuration of the certificate or its issuer changes, or until `port80 issue NAME`.',
  },
}

const sections: readonly { readonly title: string; readonly about: string; readonly of: RegExp }[] = [
  {
    title: 'What the CA says',
    about: 'Problem documents (RFC 8555 §6.7, RFC 9773 §7.4, ACME profiles).',
    of: /^Acme/,
  },
  {
    title: 'On the way to the CA',
    about: 'No usable answer came.',
    of: /^Ca[A-Z]/,
  },
  {
    title: 'Before, around and after the order',
    about: 'What port80 found itself.',
    of: /^(?!Acme|Ca[A-Z])/,
  },
]

/** What the plan, the status and the label `reason` of port80_certificate_status say while nothing is ordered. */
const rests: Readonly<Record<RestReason, readonly [means: string, fix: string]>> = {
  UpToDate: ['What is stored is what is wanted, and its renewal is not due.', 'Nothing.'],
  BackingOff: [
    'The last attempt failed, and the next one has its moment. The status shows the reason of the failure instead.',
    'What the failure says; `port80 issue NAME` tries at once.',
  ],
  LimitedByCa: [
    'A limit of the CA covers the certificate; nothing is asked there before it ends.',
    'Wait, or use a second issuer as `fallbackIssuer`.',
  ],
  OverBudget: [
    'By what port80 has counted, the order would cross a limit that the CA publishes (`issuers.NAME.limits`). The status names the limit and when the order fits.',
    'Wait, use a second issuer as `fallbackIssuer`, or mend `limits` where the CA allows more than is written there.',
  ],
  StoppedUntilConfigChanges: [
    'The last failure would come again for ever. The status shows its reason instead.',
    'What the failure says; `port80 issue NAME` tries at once.',
  ],
  DestinationsRefused: [
    'Every Secret (or folder) of the certificate holds something that is not port80’s to replace. Nothing is ordered, renewed or asked of the CA, also not by `port80 issue` and `port80 renew`: nobody could have it. They are looked at again at every `worker.tick`, and it goes on as soon as one may be written. A certificate of which one destination may be written is ordered and renewed as ever.',
    'The status names each one, whose it is and the way to consent: the annotation `port80.io/adopt=true`, `takeOver: true`, or another `secretName`.',
  ],
  OrderInFlight: ['An order, or another act for this certificate, is under way.', 'Nothing.'],
  NotLeader: ['Another worker leads, and does it.', 'Nothing.'],
}

/** The document as it is committed: formatted as everything else. */
export async function failuresDocument(): Promise<string> {
  const head = start
    .replace('COURSES', courseTable())
    .replace('LONGEST', `${formatDuration(longestWaitMs).replace('d', '')} days`)
  const text = [head, ...sections.map(section), restSection()].join('\n')
  const config = await resolveConfig(join(import.meta.dirname, 'failures.md'))
  return format(text, { ...config, parser: 'markdown' })
}

function courseTable(): string {
  const rows = Object.values(courses).map(({ name, does }) => `| ${name} | ${does} |`)
  return `| Course | Meaning |\n| --- | --- |\n${rows.join('\n')}`
}

function section({ title, about, of }: (typeof sections)[number]): string {
  const rows = failureReasons.filter((reason) => of.test(reason)).map(row)
  const head = '| Reason | Meaning | port80 | What you see | What to do |\n| --- | --- | --- | --- | --- |'
  return `## ${title}\n\n${about}\n\n${head}\n${rows.join('\n')}\n`
}

function restSection(): string {
  const rows = restReasons.map((reason) => `| \`${reason}\` | ${rests[reason].join(' | ')} |`)
  const head = '| Reason | Meaning | What to do |\n| --- | --- | --- |'
  const about = 'No failure: why nothing is ordered now.'
  return `## While nothing is ordered\n\n${about}\n\n${head}\n${rows.join('\n')}\n`
}

function row(reason: FailureReason): string {
  const { course, order, because, means, see, fix } = failureRules[reason]
  const kept = order === 'kept' && course !== 'aside' ? ' The order is kept.' : ''
  const does = `**${courses[course].name}**: ${because}.${kept}`
  return `| \`${reason}\` | ${[means, does, see, fix].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
