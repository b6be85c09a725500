/** `port80 check HOST`: challenge reachable, redirect right, certificate served. Costs no CA request. */
import { randomBytes } from 'node:crypto'
import { frontDoorAt, headOf } from '../challenge/ask.ts'
import { defaultFrontDoor } from '../config/self-check-schema.ts'
import { identifierFault } from '../config/identifier.ts'
import { readLeaf } from '../certificate/certificate.ts'
import { servedLeaf } from '../certificate/served-leaf.ts'
import { openJournals, openStores, type Stores } from '../serve/stores.ts'
import { print, type CommandContext } from './io.ts'
import { progress } from './progress.ts'
import { exitCodes, type ExitCode } from './usage.ts'

/** One thing looked at. `ok: undefined`: cannot be judged from here. */
export interface Finding {
  readonly what: 'challenge' | 'redirect' | 'certificate'
  readonly ok: boolean | undefined
  readonly seen: string
  readonly fix?: string
}

const timeoutMs = 5_000

export async function checkCommand(context: CommandContext): Promise<ExitCode> {
  const { invocation, config, log, io } = context
  const host = (invocation.operand ?? '').toLowerCase()
  const fault = identifierFault(host)
  if (fault !== undefined) {
    io.err(`port80: ${JSON.stringify(host.slice(0, 80))} ${fault}\n`)
    return exitCodes.usage
  }
  const stores = openStores(config, log)
  const shown = progress(io)
  shown.say(`checking ${host}`)
  const findings = await Promise.all([
    challenge(host, context, stores),
    redirect(host, context),
    certificate(host, context, stores),
  ]).finally(() => shown.end())
  const ok = findings.every((finding) => finding.ok !== false)
  print(context, findings.map((finding) => findingText(finding)).join(''), { host, ok, findings })
  return ok ? exitCodes.done : exitCodes.notAsWanted
}

/** Pure. */
export function findingText({ what, ok, seen, fix }: Finding): string {
  const mark = ok === undefined ? '?' : ok ? 'ok' : 'NO'
  return `${mark.padEnd(2)}  ${what.padEnd(11)}  ${seen}\n${fix === undefined ? '' : `    ${' '.repeat(11)}  fix: ${fix}\n`}`
}

/** A token that nobody can guess, presented and asked for as the CA would. */
async function challenge(host: string, { config, io }: CommandContext, stores: Stores): Promise<Finding> {
  const url = frontDoorUrl(config)
  if (url === undefined) return unasked('challenge')
  const token = `check-${randomBytes(24).toString('base64url')}`
  const entry = {
    token,
    identifier: host,
    keyAuthorization: `${token}.${randomBytes(32).toString('base64url')}`,
    expiresAt: io.now() + 60_000,
  }
  await stores.challenges.present(entry)
  try {
    const door = frontDoorAt(url, timeoutMs)
    const answer = await door.ask(entry, AbortSignal.timeout(timeoutMs * 2))
    if (answer.served) return { what: 'challenge', ok: true, seen: 'the front door serves our token' }
    return {
      what: 'challenge',
      ok: false,
      seen: `the front door ${answer.seen}`,
      fix: `let http://${host}/.well-known/acme-challenge/ reach port80 unchanged: no redirect, no authentication before it`,
    }
  } finally {
    await stores.challenges.cleanUp(token)
  }
}

/** From here the door of the world counts, also where the worker looks through the gateways. */
function frontDoorUrl({ selfCheck }: CommandContext['config']): string | undefined {
  return selfCheck === 'off' ? undefined : (selfCheck.url ?? defaultFrontDoor)
}

function unasked(what: Finding['what']): Finding {
  return { what, ok: undefined, seen: 'selfCheck is off: the front door cannot be asked' }
}

async function redirect(host: string, { config }: CommandContext): Promise<Finding> {
  const url = frontDoorUrl(config)
  if (url === undefined) return unasked('redirect')
  const path = '/port80-check?a=b'
  const answer = await headOf(url, host, path, timeoutMs)
  if ('fault' in answer) {
    return {
      what: 'redirect',
      ok: false,
      seen: `the front door ${answer.fault}`,
      fix: 'let port 80 reach port80',
    }
  }
  const { httpsPort, status } = config.redirect
  const wanted = `https://${host}${httpsPort === 443 ? '' : `:${httpsPort}`}${path}`
  if (answer.status === status && answer.location === wanted) {
    return { what: 'redirect', ok: true, seen: `${status} to ${wanted}` }
  }
  return {
    what: 'redirect',
    ok: false,
    seen: `answered ${answer.status}${answer.location === undefined ? '' : ', not to the https name'}`,
    fix: `something else than port80 answers there, or redirect.status and redirect.httpsPort differ from what runs`,
  }
}

async function certificate(host: string, { config }: CommandContext, stores: Stores): Promise<Finding> {
  const wanted = config.certificates.find(({ domains }) => domains.includes(host))
  if (!wanted) return { what: 'certificate', ok: undefined, seen: 'no configured certificate has this name' }
  const entry = await openJournals(stores.state).certificates.read(wanted.name)
  const pair = entry.state === 'there' ? entry.record.pairs[0] : undefined
  const stored = pair && readLeaf(pair)
  const served = await servedLeaf(host, config.redirect.httpsPort, timeoutMs)
  if ('fault' in served) {
    return {
      what: 'certificate',
      ok: false,
      seen: `port ${config.redirect.httpsPort} ${served.fault}`,
      fix: `let the gateway listen on ${config.redirect.httpsPort} and read ${wanted.name} from its destination`,
    }
  }
  if (served.serial === stored?.serial)
    return { what: 'certificate', ok: true, seen: `serial ${served.serial} is served` }
  return {
    what: 'certificate',
    ok: false,
    seen: `served is serial ${served.serial}, stored is ${stored?.serial ?? 'none'}`,
    fix: stored
      ? 'the gateway does not read what port80 writes: compare its path or credentialName'
      : `port80 status tells why ${wanted.name} is not issued yet`,
  }
}
