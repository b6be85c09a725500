/** What the answers to `port80 check` mean: of the https port beside what is stored, and of the redirect. Pure. */
import type { Config } from '../config/schema.ts'
import type { Finding } from '../finding/finding.ts'
import { servingFindings } from '../serving/findings.ts'
import type { Handshake } from '../serving/handshake.ts'
import type { RedirectLook, ServedLook } from './check-report.ts'

export interface ServedAnswer {
  readonly host: string
  /** Pod (`namespace/name`), or the host. */
  readonly at: string
  readonly port: number
  readonly seen: Handshake
  /** Where the certificate is kept, as its destination calls itself. */
  readonly destination: string
}

/** `stored`: serial of the newest pair; before the first one nothing can be served, and nothing is judged. */
export function judgedServed(
  { host, at, port, seen, destination }: ServedAnswer,
  stored: string | undefined,
): ServedLook {
  if (stored === undefined) return { host, at, seen: 'not judged, no certificate is stored yet' }
  if ('fault' in seen && seen.fault === 'silent')
    return { host, at, seen: 'not judged, nobody answers from here' }
  if ('serial' in seen && seen.serial === stored)
    return { host, at, ok: true, seen: `serves serial ${stored}` }
  const looks = [{ pod: at, host, ...seen }]
  const [finding] = servingFindings({ destination, held: stored, looks, port }, 'differs')
  if (!finding) return { host, at, ok: false, seen: 'differs' }
  return { host, at, ok: false, seen: finding.seen, finding: named(finding, host) }
}

/** A Secret where it is one; else what is asked is the host. */
function named(finding: Finding, host: string): Finding {
  return finding.object.kind === 'Secret' ? finding : { ...finding, object: { kind: 'Host', name: host } }
}

export interface RedirectAnswer {
  readonly host: string
  /** Address and port that were asked. */
  readonly authority: string
  /** With the query; a redirect of ours keeps both byte for byte. */
  readonly path: string
  readonly answer:
    { readonly status: number; readonly location: string | undefined } | { readonly fault: string }
}

/** The place of a redirect is a stranger's text, and is not shown. */
export function judgedRedirect(
  { host, authority, path, answer }: RedirectAnswer,
  { httpsPort, status }: Pick<Config['redirect'], 'httpsPort' | 'status'>,
): RedirectLook {
  if ('fault' in answer) return { host, ok: false, seen: `${authority} ${answer.fault}` }
  const name = host.includes(':') ? `[${host}]` : host
  const wanted = `https://${name}${httpsPort === 443 ? '' : `:${httpsPort}`}${path}`
  if (answer.location === wanted)
    return { host, ok: answer.status === status, seen: `${answer.status} to https` }
  const where = answer.location === undefined ? 'no redirect' : 'a redirect to another place'
  return { host, ok: false, seen: `${answer.status}, ${where}: something else than port80 answers there` }
}
