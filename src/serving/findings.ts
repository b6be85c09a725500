/** What is served, as findings: P80-401 other than stored, P80-402 undone, P80-403 late, P80-404 nothing, P80-405 unknown. Pure. */
import type { Finding, FindingObject } from '../finding/finding.ts'
import type { RefusedRecord } from '../state/records.ts'
import type { EnvoyRefusal } from './envoy-terms.ts'
import { isUnasked, type PodLook, type Verdict } from './verdict.ts'

/** `Secret namespace/name`, a folder or an address → the object at fault. */
export function objectOf(destination: string): FindingObject {
  const [, namespace, name] = /^Secret ([^/]+)\/(.+)$/.exec(destination) ?? []
  return namespace !== undefined && name !== undefined
    ? { kind: 'Secret', namespace, name }
    : { kind: 'File', name: destination.slice(0, 200) }
}

export interface Sight {
  readonly destination: string
  /** Serial. */
  readonly held: string
  readonly looks: readonly PodLook[]
  /** The https port that was asked. */
  readonly port: number
  /** What is known against the pair that it holds. */
  readonly refusal?: EnvoyRefusal | undefined
}

/**
 * Of one destination whose deadline is over: one finding a host, with the pods that are to blame, and one for all pods
 * that take no connection, of which nothing is known: that is no proof that anything is broken.
 */
export function servingFindings(sight: Sight, verdict: Verdict['is']): Finding[] {
  return verdict === 'differs' ? differing(sight) : []
}

function differing({ destination, held, looks, port, refusal }: Sight): Finding[] {
  const object = objectOf(destination)
  // Whoever wrote the address of a gateway knows its port; that of pods may be left as it comes.
  const closed = ({ fault }: PodLook) => fault === 'refused' && object.kind === 'File'
  const unasked = looks.filter((look) => isUnasked(look.fault) && !closed(look))
  const found = [...new Set(looks.map(({ host }) => host))].flatMap((host) => {
    const ofHost = looks.filter((look) => look.host === host)
    const other = ofHost.filter(({ serial }) => serial !== undefined && serial !== held)
    const none = ofHost.filter((look) => look.fault === 'no handshake' || closed(look))
    return [
      ...(other.length > 0 ? [servedOther(object, { host, held, looks: other })] : []),
      ...(none.length > 0 ? [servedNothing(object, { host, looks: none })] : []),
    ]
  })
  return [
    ...found.map((each) => because(each, refusal)),
    ...(unasked.length > 0 ? [notAsked(object, unasked, port)] : []),
  ]
}

/** One for all hosts: what keeps the worker away from one keeps it away from the others. */
export function notAsked(object: FindingObject, looks: readonly PodLook[], port: number): Finding {
  const first = looks.find(({ fault }) => fault === 'ended on the way') ?? looks[0]
  const { what, mend } = unaskedWords(looks, port)
  return {
    code: 'P80-405',
    object,
    ...(first && { host: first.host }),
    seen: words(`${what}: what it serves is not known`),
    fix: act(`${mend}; proof: off where nobody shall look`),
  }
}

function unaskedWords(looks: readonly PodLook[], port: number): { what: string; mend: string } {
  const ended = looks.filter(({ fault }) => fault === 'ended on the way')
  if (ended.length > 0)
    return {
      what: `the connection to ${podsOf(ended)} on port ${port} goes through a sidecar, and it or the gateway ended it`,
      mend: `let the sidecar pass TLS on to the gateway (mesh.serviceEntry.create of the chart, hosts of discovered Gateways under routes.extraHosts; or a ServiceEntry with the host, resolution NONE and port ${port} as TLS), and give a Gateway a server on port 443 with this host`,
    }
  const refused = looks.every(({ fault }) => fault === 'refused')
  return {
    what: `${podsOf(looks)} ${refused ? 'refuses connections' : 'cannot be reached'} on port ${port}`,
    mend: 'give a Gateway a server on port 443 with this host, write the port that the pods listen on as httpsPort of the gateway, or let the worker reach it (NetworkPolicy)',
  }
}

interface Blamed {
  readonly host: string
  readonly looks: readonly PodLook[]
}

function servedOther(object: FindingObject, { host, held, looks }: Blamed & { held: string }): Finding {
  const served = looks[0]?.serial ?? ''
  return {
    code: 'P80-401',
    object,
    host,
    seen: words(`${podsOf(looks)} serves serial ${short(served)}, stored is ${short(held)}`),
    fix: act(
      'see whether istiod reaches the gateway (istioctl proxy-status, istioctl proxy-config secret) and whether another Secret or Gateway serves the host',
    ),
  }
}

export function servedNothing(object: FindingObject, { host, looks }: Blamed): Finding {
  const refused = looks.every(({ fault }) => fault === 'refused')
  return {
    code: 'P80-404',
    object,
    host,
    seen: words(`${podsOf(looks)} ${refused ? 'refuses the connection' : 'ends the TLS handshake'}`),
    fix: act('give a Gateway a server on port 443 with this host and with the Secret as credentialName'),
  }
}

/** The reason beside what was seen, and what mends it in the place of what to look for. */
function because(finding: Finding, refusal: EnvoyRefusal | undefined): Finding {
  if (!refusal) return finding
  const { why, mend } = refusal
  const fix = act(`${mend}, then: port80 renew with the name of the certificate`)
  return { ...finding, seen: words(`${finding.seen}; ${why}`), fix }
}

export interface Undone {
  readonly destination: string
  readonly refused: RefusedRecord
  readonly host: string | undefined
  readonly refusal?: EnvoyRefusal | undefined
}

export function undone({ destination, refused, host, refusal }: Undone): Finding {
  const finding: Finding = {
    code: 'P80-402',
    object: objectOf(destination),
    ...(host !== undefined && { host }),
    seen: words(
      `${refused.pods.slice(0, 3).join(', ')} did not serve serial ${short(refused.serial)}; ${short(refused.kept)} was put back`,
    ),
    fix: act(
      'mend what keeps the gateway from its Secrets (istiod, the rights of its ServiceAccount, its log), then: port80 renew with the name of the certificate',
    ),
  }
  return because(finding, refusal)
}

export interface ObservedLook {
  readonly host: string
  readonly notBefore: number
  readonly notAfter: number
  readonly warnBefore?: number | undefined
}

const usualWarningMs = 21 * 86_400_000

/** P80-403, or nothing: there is enough left. */
export function observedFinding(name: string, look: ObservedLook, now: number): Finding | undefined {
  const { host, notBefore, notAfter, warnBefore } = look
  const most = warnBefore ?? Math.min(usualWarningMs, (notAfter - notBefore) / 3)
  if (notAfter - now >= most) return undefined
  return {
    code: 'P80-403',
    object: { kind: 'Host', name },
    host,
    seen: words(`${notAfter <= now ? 'expired' : 'expires'} ${new Date(notAfter).toISOString()}`),
    fix: act('renew it where it comes from, or let port80 manage the host'),
  }
}

function podsOf(looks: readonly PodLook[]): string {
  const pods = [...new Set(looks.map(({ pod }) => pod))].sort()
  const more = pods.length > 3 ? ` and ${pods.length - 3} more` : ''
  return `${pods.slice(0, 3).join(', ')}${more}`
}

const short = (serial: string) => serial.slice(0, 40)
const words = (text: string) => text.slice(0, 300)
const act = (text: string) => ({ do: 'act', words: text }) as const
