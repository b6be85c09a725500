/** `port80 plan`: the plan that the worker would carry out, printed. Writes nothing, asks no CA. */
import type { Step } from '../certificate/plan.ts'
import { isTrouble } from '../discovery/source-status.ts'
import { clusterOf } from '../serve/cluster.ts'
import { liveOf } from '../serve/live.ts'
import { openStores } from '../serve/stores.ts'
import { look, type Look } from '../serve/view.ts'
import { because } from '../status/next.ts'
import { seeObjects } from './discovered.ts'
import { print, type CommandContext } from './io.ts'
import { exitCodes, type ExitCode } from './usage.ts'

export async function planCommand(context: CommandContext): Promise<ExitCode> {
  const { config, log, io, version } = context
  const cluster = clusterOf(config, version)
  const live = liveOf(config, { readOnly: true, cluster })
  const stores = openStores(config, log, { cluster, readOnly: true })
  await seeObjects(live, cluster)
  const seen = await look(live, stores, () => io.now())
  print(context, planText(seen, io.now()), planData(seen))
  for (const { object, detail } of (live.sources() ?? []).filter(({ state }) => isTrouble(state)))
    io.err(`port80: ${object} asks in vain: ${detail}\n`)
  return exitCodes.done
}

function planData({ gathered, plan }: Look): unknown {
  const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())
  return {
    steps: plan.steps.map((step) => (step.do === 'rest' ? { ...step, until: iso(step.until) } : step)),
    nextWakeAt: iso(plan.nextWakeAt),
    faults: Object.fromEntries(gathered.faults),
  }
}

/** One line a step, aligned. Pure. */
export function planText({ gathered, plan }: Look, now: number): string {
  const lines = plan.steps.map((step) => [step.certificate, stepText(step, now)] as const)
  const faults = [...gathered.faults].map(
    ([name, fault]) => [name, `left alone: its record ${fault}`] as const,
  )
  const all = [...lines, ...faults]
  if (all.length === 0)
    return 'No certificates are configured; challenges are answered and everything else is redirected.\n'
  const width = Math.max(...all.map(([name]) => name.length))
  const text = all.map(([name, what]) => `${name.padEnd(width)}  ${what}`).join('\n')
  const wake = plan.nextWakeAt === undefined ? '' : `\nNext wake ${when(plan.nextWakeAt, now)}.`
  return `${text}${wake}\n`
}

/** What a step does and why, in one clause. Pure. */
export function stepText(step: Step, now: number): string {
  switch (step.do) {
    case 'order':
      return `${step.resume ? 'go on with the order' : 'order'} at ${step.issuer}, because ${because[step.reason]}`
    case 'revoke':
      return `revoke ${step.serial === undefined ? 'it' : `serial ${step.serial}`} at the CA (reason ${step.revocationReason}); a new one is ordered where that was the newest`
    case 'placeholder':
      return 'make a self-signed placeholder'
    case 'install':
      return `install the ${step.what} into ${step.destinations.join(', ')}`
    case 'askRenewalInfo':
      return `ask ${step.issuer} when to renew`
    case 'dropRequest':
      return `drop the request: ${step.because}`
    case 'rest':
      return restText(step, now)
  }
}

function restText(step: Extract<Step, { do: 'rest' }>, now: number): string {
  const until = step.until === undefined ? '' : ` until ${when(step.until, now)}`
  const due = step.due === undefined ? '' : ` (due, because ${because[step.due]})`
  const detail = step.detail === undefined ? '' : `: ${step.detail}`
  return `rest${until}: ${step.reason}${due}${detail}`
}

/** `2026-11-24 22:41:07Z (in 3 h)`. Pure. */
export function when(at: number, now: number): string {
  const stamp = new Date(at).toISOString().replace('T', ' ').slice(0, 19)
  const seconds = Math.round((at - now) / 1000)
  const size = Math.abs(seconds)
  const [amount, unit] =
    size < 120
      ? [size, 's']
      : size < 7_200
        ? [Math.round(size / 60), 'min']
        : size < 172_800
          ? [Math.round(size / 3_600), 'h']
          : [Math.round(size / 86_400), 'd']
  return `${stamp}Z (${seconds >= 0 ? `in ${amount} ${unit}` : `${amount} ${unit} ago`})`
}
