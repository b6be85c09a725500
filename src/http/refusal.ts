/** Every way the public port says no, with its status and its one line of text. Pure. docs/http.md lists them. */
import { hostFaults } from './host.ts'
import { targetFaults } from './target.ts'

/** A metric label and a log field: closed, and nothing of the request is in it. */
export const refusalReasons = [
  'hostMissing',
  'hostRepeated', // RFC 9112 §3.2: more than one Host is answered 400, also when they agree
  ...hostFaults,
  ...targetFaults,
  'hostNotConfigured', // redirect.hosts: configured
  'alreadyHttps', // redirect.trustForwardedProto: a redirect would come back for ever
  'malformed', // the parser gave up: not HTTP, or not as RFC 9112 writes it
  'httpVersion', // well-formed, but neither HTTP/1.0 nor HTTP/1.1
  'headersTooLarge', // listeners.public.maxHeaderSize
  'requestTimeout', // headersTimeout or requestTimeout
  'tooManyConnections', // maxConnections: closed without an answer
  'internalError', // a bug of ours
] as const
export type RefusalReason = (typeof refusalReasons)[number]

export interface Refusal {
  readonly do: 'refuse'
  readonly status: 400 | 404 | 408 | 421 | 431 | 500 | 503 | 505
  readonly reason: RefusalReason
  /** One line with its newline; ASCII. Nothing of the request is repeated in it. */
  readonly text: string
}

/** The refusal for a reason; the same object every time. */
export function refusal(reason: RefusalReason): Refusal {
  return refusals[reason]
}

const badHost: Answer = [400, 'The Host header is not a valid host.']
const noPath: Answer = [400, 'The request target is not a path.']
const otherServer: Answer = [400, 'The request target names another server than the Host header.']
const badTarget: Answer = [400, 'The request target is not valid.']

type Answer = readonly [Refusal['status'], string]
const answers: Readonly<Record<RefusalReason, Answer>> = {
  hostMissing: [400, 'The Host header is missing.'],
  hostRepeated: [400, 'There is more than one Host header.'],
  hostEmpty: badHost,
  hostTooLong: badHost,
  hostUserinfo: badHost,
  hostBadCharacter: badHost,
  hostBadLabel: badHost,
  hostBadAddress: badHost,
  hostBadPort: badHost,
  targetAsterisk: noPath,
  targetNotAPath: noPath,
  targetOtherScheme: otherServer,
  targetOtherAuthority: otherServer,
  targetBadCharacter: badTarget,
  targetFragment: badTarget,
  targetBadPercent: badTarget,
  targetTooLong: [400, 'The request target is too long.'],
  hostNotConfigured: [404, 'This host is not served here.'],
  alreadyHttps: [
    421,
    'This request came by https and a proxy passed it on to the plain http redirector, so a redirect would loop: route https to the application.',
  ],
  malformed: [400, 'This is not an HTTP/1.1 request.'],
  httpVersion: [505, 'Only HTTP/1.1 and HTTP/1.0 are spoken here.'],
  headersTooLarge: [431, 'The request line and headers are too large.'],
  requestTimeout: [408, 'The request did not arrive in time.'],
  tooManyConnections: [503, 'There are too many connections.'],
  internalError: [500, 'Something went wrong here.'],
}

const refusals = Object.fromEntries(
  refusalReasons.map((reason) => {
    const [status, text] = answers[reason]
    return [reason, { do: 'refuse', status, reason, text: `${text} (${reason})\n` }]
  }),
) as Record<RefusalReason, Refusal>
