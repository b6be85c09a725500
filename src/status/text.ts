/** The status for a terminal: the same snapshot and the same words as the page. Pure. */
import { findingLines } from './finding-lines.ts'
import { lookLines } from './looks.ts'
import { plainHttpLines } from './plain-http-lines.ts'
import type { CertificateStatus, StatusSnapshot } from './snapshot.ts'
import { sourceLines } from './sources.ts'
import { painter, printable, table, wrap, type Column, type Paint } from './terminal.ts'
import { relative, utc } from './time.ts'
import { byUrgency, headline, toneOf } from './tone.ts'
import { coversWords, destinationWords, roles, tokenCount, toldWords, workerRemarks } from './words.ts'

export interface TextOptions {
  /** Epoch ms. */
  readonly now: number
  readonly colour: boolean
  /** Columns of the terminal. */
  readonly width: number
}

interface Terminal extends TextOptions {
  readonly paint: Paint
}

/** Ends with a line end. */
export function renderStatusText(snapshot: StatusSnapshot, options: TextOptions): string {
  const terminal: Terminal = {
    ...options,
    width: Math.max(40, options.width),
    paint: painter(options.colour),
  }
  const { tone, text } = headline(snapshot)
  const certificates = byUrgency(snapshot.certificates, snapshot.findings)
  const blocks = [
    [terminal.paint(`port80 ${printable(snapshot.version)}: ${text}`, tone), ...facts(snapshot, terminal)],
    configurationFaults(snapshot, terminal),
    findingLines(snapshot, terminal),
    holds(snapshot, terminal),
    sourceLines(snapshot, terminal),
    certificates.length === 0 ? [] : table(certificates, columns(terminal.now), terminal),
    ...certificates
      .filter((certificate) => toneOf(certificate) !== 'good')
      .map((certificate) => trouble(certificate, terminal)),
    plainHttpLines(snapshot, terminal),
    lookLines(snapshot, terminal),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function facts(snapshot: StatusSnapshot, { now, width, paint }: Terminal): string[] {
  const { worker, configuration, store } = snapshot
  const told = toldWords(snapshot, now)
  const tick = worker.lastTickAt === undefined ? [] : [`last tick ${relative(worker.lastTickAt, now)}`]
  const wake = worker.nextWakeAt === undefined ? [] : [`next wake ${relative(worker.nextWakeAt, now)}`]
  const rows = [
    ['Worker', [roles[worker.role], ...workerRemarks(worker), ...tick, ...wake].join(', ')],
    ['Config', `${configuration.path ?? 'built-in'}, accepted ${relative(configuration.acceptedAt, now)}`],
    [
      'Store',
      `${store.readable ? 'readable' : `not readable: ${store.fault ?? 'unknown fault'}`}, ${tokenCount(store.tokens)}`,
    ],
    ...(told.length === 0 ? [] : [['Told', told.join('; ')] as const]),
  ] as const
  const lines = rows.flatMap(([name, text]) => {
    const [first = '', ...more] = wrap(text, width - 8, '')
    return [`${paint(name.padEnd(8), 'quiet')}${first}`, ...more.map((line) => `        ${line}`)]
  })
  if (worker.lastError === undefined) return lines
  return [
    ...lines,
    ...wrap(`Last crash of the worker: ${worker.lastError}`, width, '').map((line) => paint(line, 'warn')),
  ]
}

function configurationFaults({ configuration }: StatusSnapshot, { width, paint }: Terminal): string[] {
  const { faults } = configuration
  if (faults.length === 0) return []
  return [
    ...wrap('The configuration on disk is refused; the version before it stays in force.', width, '').map(
      (line) => paint(line, 'warn'),
    ),
    ...faults.flatMap(({ path, value, fix }) => [
      printable(`  ${path}: ${value}`),
      ...wrap(fix, width, '    '),
    ]),
  ]
}

function holds(snapshot: StatusSnapshot, { now, width, paint }: Terminal): string[] {
  if (snapshot.holds.length === 0) return []
  return [
    paint('Limits of the CA', 'warn'),
    ...snapshot.holds.flatMap(({ issuer, covers, until, reason, detail }) => [
      ...wrap(
        `${issuer}, ${coversWords(covers).join(' ')}: until ${utc(until, now)}, ${relative(until, now)}`,
        width,
        '  ',
      ),
      ...wrap(`${reason}: ${detail}`, width, '    '),
    ]),
  ]
}

function columns(now: number): Column<CertificateStatus>[] {
  const at = (moment: number | undefined) => (moment === undefined ? '-' : relative(moment, now))
  return [
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'STATE', cell: ({ state }) => state, style: toneOf },
    { title: 'EXPIRES', cell: ({ current }) => at(current?.notAfter) },
    { title: 'RENEWS', cell: ({ renewal }) => at(renewal?.at) },
    { title: 'NEXT', cell: ({ nextAt }) => at(nextAt), expendable: 1 },
    { title: 'REASON', cell: ({ reason }) => reason, expendable: 2 },
    { title: 'ISSUER', cell: ({ issuer }) => issuer, expendable: 3 },
  ]
}

/** What a person needs who has to mend it, or waits for it. */
function trouble(certificate: CertificateStatus, { now, width, paint }: Terminal): string[] {
  const { name, domains, next, nextAt, failures, attempts, destinations } = certificate
  const failure = attempts.find((attempt) => attempt.outcome === 'failed')?.failure
  const moment = nextAt === undefined ? '' : ` (${utc(nextAt, now)}, ${relative(nextAt, now)})`
  return [
    `${paint(printable(name), 'strong')} ${paint(printable(domains.join(' ')), 'quiet')}`,
    ...wrap(`${next}${moment}`, width, '  '),
    ...(failures > 0 && failure ? failureLines(failure, failures, width) : []),
    ...destinations
      .filter(({ state }) => state !== 'installed')
      .flatMap(({ id, state, fault }) =>
        wrap(`${id} ${destinationWords[state]}${fault === undefined ? '' : `: ${fault}`}`, width, '  '),
      ),
  ]
}

type FailureStatus = NonNullable<CertificateStatus['attempts'][number]['failure']>

function failureLines(
  { reason, identifier, detail, helpUrl }: FailureStatus,
  failures: number,
  width: number,
) {
  const count = failures === 1 ? 'The last attempt failed' : `${failures} failures in a row, the last one`
  return [
    ...wrap(`${count}: ${reason}${identifier === undefined ? '' : ` for ${identifier}`}`, width, '  '),
    ...wrap(detail, width, '    '),
    ...(helpUrl === undefined ? [] : wrap(helpUrl, width, '    ')),
  ]
}
