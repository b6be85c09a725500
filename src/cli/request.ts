/**
 * `port80 issue | renew | revoke NAME` and `rollover ISSUER`: the wish is written into the store; the worker that leads
 * carries it out. When none runs, this command leads for as long as it takes and for nothing else.
 */
import { serialOf } from '../certificate/certificate.ts'
import { storeFailed } from '../disk/store-failed.ts'
import type { StateKey } from '../state/store.ts'
import type { RequestRecord } from '../state/records.ts'
import { clusterOf } from '../serve/cluster.ts'
import { liveOf } from '../serve/live.ts'
import { openJournals, openStores, type Stores } from '../serve/stores.ts'
import { namesTold, seeObjects } from './discovered.ts'
import { print, type CommandContext } from './io.ts'
import { outcomeOf, rollover, type Outcome } from './outcome.ts'
import { progress } from './progress.ts'
import { leadFor } from './stand-in.ts'
import { exitCodes, type ExitCode } from './usage.ts'

const revocationReasons: Readonly<Record<string, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
}

export async function requestCommand(given: CommandContext): Promise<ExitCode> {
  const { invocation, io, log } = given
  const { command, operand = '' } = invocation
  const { config, known } = command === 'rollover' ? { ...given, known: [operand] } : await wanted(given)
  const context = { ...given, config }
  if (!known.includes(operand)) {
    const there = known.slice(0, mostShown).join(', ') || 'none'
    io.err(`port80: no certificate ${JSON.stringify(operand)} is configured; there are: ${there}\n`)
    return exitCodes.usage
  }
  const reason = revocationReasons[invocation.reason ?? 'unspecified']
  if (reason === undefined) {
    io.err(`port80: --reason is one of ${Object.keys(revocationReasons).join(', ')}\n`)
    return exitCodes.usage
  }
  const stores = openStores(config, log)
  const outcome =
    command === 'rollover'
      ? await rollOver(context, stores)
      : await ask(context, stores, requestOf(command, reason, io.now()))
  print(context, `${outcome.text}\n`, outcome)
  return outcome.ok ? exitCodes.done : exitCodes.notAsWanted
}

/** More would fill the terminal. */
const mostShown = 20

/**
 * The certificates that can be asked for. Objects are looked at only where the file does not name it: what the leader told of
 * is enough, since the leader carries it out; without one, the configuration gets what they ask for.
 */
async function wanted({ config, invocation, io, version }: CommandContext) {
  const inFile = config.certificates.map(({ name }) => name)
  if (inFile.includes(invocation.operand ?? '') || !config.discovery) return { config, known: inFile }
  const cluster = clusterOf(config, version)
  if (config.store.kubernetes) {
    const told = await namesTold(cluster)
    if (told.includes(invocation.operand ?? '')) return { config, known: told }
  }
  const live = liveOf(config, { readOnly: true, cluster })
  await seeObjects(live, cluster)
  for (const { object, state, detail } of live.sources() ?? [])
    if (state === 'unreadable') io.err(`port80: ${object} cannot be read: ${detail}\n`)
  const all = live.config()
  return { config: all, known: all.certificates.map(({ name }) => name) }
}

async function ask(context: CommandContext, stores: Stores, request: RequestRecord): Promise<Outcome> {
  const name = context.invocation.operand ?? ''
  if (request.do !== 'revoke') {
    const before = request.do === 'renew' ? await serialInUse(name, stores) : undefined
    await carryOut(`request/${name}`, request, context, stores)
    return outcomeOf(context, stores, { ...request, ...(typeof before === 'string' && { serial: before }) })
  }
  const serial = await serialInUse(name, stores)
  if (typeof serial !== 'string') return serial
  const revocation = { ...request, serial }
  await carryOut(`request/${name}`, revocation, context, stores)
  return outcomeOf(context, stores, revocation)
}

/** What is meant is the certificate of now, whatever an order that is under way puts in its place meanwhile. */
async function serialInUse(name: string, stores: Stores): Promise<string | Outcome> {
  const entry = await openJournals(stores.state).certificates.read(name)
  if (entry.state === 'unreadable') return { ok: false, text: `${name}: its record ${entry.fault}` }
  const pair = entry.state === 'there' ? entry.record.pairs[0] : undefined
  if (!pair) return { ok: false, text: `${name}: there is no certificate to revoke` }
  const serial = serialOf(pair.chainPem)
  return serial ?? { ok: false, text: `${name}: the stored certificate cannot be read` }
}

async function rollOver(context: CommandContext, stores: Stores): Promise<Outcome> {
  const issuer = context.invocation.operand ?? ''
  const account = async () => (await stores.state.read(`account/${issuer}`))?.text
  const before = await account()
  await carryOut(`request/account.${issuer}`, { v: 1, do: 'rollover', at: context.io.now() }, context, stores)
  return rollover(issuer, before, await account())
}

function requestOf(command: string, revocationReason: number, at: number): RequestRecord {
  switch (command) {
    case 'renew':
      return { v: 1, do: 'renew', at }
    case 'revoke':
      return { v: 1, do: 'revoke', at, revocationReason }
    default:
      return { v: 1, do: 'issue', at }
  }
}

/** A wish that is still waiting is replaced: the last one counts. Resolves when it was carried out, failed or dropped. */
async function carryOut(
  key: StateKey,
  request: RequestRecord,
  context: CommandContext,
  stores: Stores,
): Promise<void> {
  const waiting = await stores.state.read(key)
  await stores.state.write(key, JSON.stringify(request), waiting?.version)
  const shown = progress(context.io)
  const { command, operand = '' } = context.invocation
  const gone = async () => (await stores.state.read(key)) === undefined
  if (context.config.store.kubernetes) {
    const wait = { key, gone, say: (text: string) => shown.say(`${command} ${operand}: ${text}`) }
    return byTheWorker(wait, context, stores).finally(() => shown.end())
  }
  try {
    while (!(await gone())) {
      const held = await stores.leadership.tryAcquire()
      shown.say(
        `${command} ${operand}: ${held ? 'no worker runs, this command is it' : 'the worker is at it'}`,
      )
      if (held) await leadFor(held, gone, { context, stores })
      else await new Promise((resolve) => setTimeout(resolve, 250))
    }
  } finally {
    shown.end()
  }
}

/** As long as the longest hand-over: a Lease that runs out, and a worker that starts. */
const leaderlessMs = 60_000
const lookAgainMs = 500

/**
 * In a cluster this command never leads: from a laptop no pod can be asked for a token. The wish is taken back when nobody
 * leads for a minute; otherwise a worker that is started next week would carry it out.
 */
async function byTheWorker(
  { key, gone, say }: { key: StateKey; gone: () => Promise<boolean>; say: (text: string) => void },
  { io }: CommandContext,
  stores: Stores,
): Promise<void> {
  let leaderAt = io.now()
  while (!(await gone())) {
    const leader = await stores.leadership.holder()
    if (leader !== undefined) leaderAt = io.now()
    say(leader === undefined ? 'no worker leads yet' : `the worker is at it (${leader})`)
    if (io.now() - leaderAt > leaderlessMs) {
      const waiting = await stores.state.read(key)
      if (waiting) await stores.state.remove(key, waiting.version)
      throw storeFailed(
        'asking the worker',
        'none leads in the cluster; start one (port80 serve --role worker)',
      )
    }
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs))
  }
}
