/** `port80 check HOST...`: challenge reachable, redirect right, certificate served. Costs no CA request. */
import { headOf } from '../challenge/ask.ts'
import { identifierFault } from '../config/identifier.ts'
import type { Config } from '../config/schema.ts'
import { isInPod } from '../kube/in-pod.ts'
import { Port80Failure } from '../reason.ts'
import { inTime } from '../reach/in-time.ts'
import { inTurns } from '../reach/in-turns.ts'
import type { LegLook } from '../reach/leg-look.ts'
import type { Looker } from '../reach/looking.ts'
import { findingsOf } from '../reach/preflight.ts'
import { clusterOf } from '../serve/cluster.ts'
import { openLooker } from '../serve/doors.ts'
import { liveOf } from '../serve/live.ts'
import { publicSettings } from '../serve/public-settings.ts'
import { openStores, type Stores } from '../serve/stores.ts'
import { judgedRedirect } from './check-judged.ts'
import { checkJson, checkText, verdictOf, type Checked, type RedirectLook } from './check-report.ts'
import { lookAtServed, type ServedShell } from './check-served.ts'
import { seeObjects } from './discovered.ts'
import { print, type CommandContext } from './io.ts'
import { progress } from './progress.ts'
import { exitCodes, type ExitCode } from './usage.ts'

const redirectMs = 1_000

const codes = { well: exitCodes.done, bad: exitCodes.notAsWanted, late: exitCodes.unavailable } as const

export async function checkCommand(context: CommandContext): Promise<ExitCode> {
  const { invocation, io } = context
  const hosts = [...new Set((invocation.hosts ?? []).map((host) => host.toLowerCase()))]
  const faults = hosts.flatMap((host) => {
    const fault = identifierFault(host)
    return fault === undefined ? [] : [`port80: ${JSON.stringify(host.slice(0, 80))} ${fault}\n`]
  })
  if (faults.length > 0) {
    io.err(faults.join(''))
    return exitCodes.usage
  }
  const shown = progress(io)
  shown.say(`checking ${hosts.length === 1 ? (hosts[0] ?? '') : `${hosts.length} hosts`}`)
  const checked = await check(hosts, context).finally(() => shown.end())
  print(context, checkText(checked), checkJson(checked))
  return codes[verdictOf(checked)]
}

/** Milliseconds for all that is asked about all hosts, once the cluster has said what its Gateways are. */
const allMs = 3_000
/** Hosts side by side. */
const hostsAtOnce = 100

async function check(
  hosts: readonly string[],
  { config, log, io, version }: CommandContext,
): Promise<Checked> {
  const cluster = clusterOf(config, version)
  const stores = openStores(config, log, { cluster })
  const live = liveOf(config, { readOnly: true, cluster })
  await seeObjects(live, cluster)
  await firstAnswer(config, stores)
  const { challenges } = stores
  // A kubeconfig in a pod is somebody's who looks from there all the same.
  const command = { inPod: isInPod(process.env) }
  const looker = openLooker({ live, cluster, challenges, now: () => io.now(), command })
  const startedAt = performance.now()
  const shell = { live, cluster, state: stores.state, looker, late: AbortSignal.timeout(allMs) }
  const all = await inTurns(hosts, hostsAtOnce, (host) => checkHost(host, shell))
  const [legs, served] = [all.flatMap((each) => each.legs), all.flatMap((each) => each.served)]
  return {
    ...{ hosts, legs, served },
    redirects: all.map((each) => each.redirect),
    findings: findingsOf([...legs, ...served.map(({ finding }) => ({ ...(finding && { finding }) }))]),
    late: all.flatMap(({ redirect, isLate }) => (isLate ? [redirect.host] : [])),
    tookMs: Math.round(performance.now() - startedAt),
  }
}

/** What a kubeconfig costs (its library, a plugin that fetches credentials) is no part of the time that looks may take. */
async function firstAnswer({ store }: Config, { state }: Pick<Stores, 'state'>): Promise<void> {
  if (store.kubernetes) await state.list('request')
}

interface HostShell extends ServedShell {
  readonly looker: Looker
  readonly late: AbortSignal
}

async function checkHost(host: string, { looker, late, ...shell }: HostShell) {
  let isLate = false
  const intime = <T>(act: Promise<T>, otherwise: T) =>
    inTime(act, late, () => {
      isLate = true
      return otherwise
    })
  const config = shell.live.config()
  const ways = async () => {
    const legs = await intime(looker.look([host], late).catch(withRights(config)), [])
    return { legs, redirect: await intime(redirect(host, legs, config), { host, seen: 'not asked in time' }) }
  }
  const [{ legs, redirect: seen }, served] = await Promise.all([
    ways(),
    intime(lookAtServed(host, shell, late), []),
  ])
  return { legs, served, redirect: seen, isLate }
}

/** Whoever may read the cluster and not write to it is told what is missing. */
function withRights({ store }: Config): (error: unknown) => never {
  return (error) => {
    if (!store.kubernetes || !(error instanceof Port80Failure)) throw error
    const { detail } = error.failure
    const needs =
      'check writes a one-off token: it takes create and delete on ConfigMaps in the namespace of port80'
    throw new Port80Failure({ ...error.failure, detail: `${detail}; ${needs}`.slice(0, 500) })
  }
}

/** What everything else than a challenge gets, at the first address that answered well. */
async function redirect(host: string, legs: readonly LegLook[], config: Config): Promise<RedirectLook> {
  const well = legs.find(
    (look) => look.host === host && look.leg === 'outside' && !look.finding && look.unjudged === undefined,
  )
  if (!well) return { host, seen: 'not asked: no public address answers with the token' }
  const { selfCheck } = config
  const template = selfCheck === 'off' ? undefined : selfCheck.url
  const port = template === undefined ? '' : new URL(template.replaceAll(/\{\w+\}/g, 'x')).port
  const authority = `${well.at.includes(':') ? `[${well.at}]` : well.at}${port === '' ? '' : `:${port}`}`
  const path = '/port80-check?a=b'
  const answer = await headOf(`http://${authority}/`, host, path, redirectMs)
  const status = publicSettings(config).statuses?.get(host) ?? config.redirect.status
  return judgedRedirect({ host, authority, path, answer }, { ...config.redirect, status })
}
