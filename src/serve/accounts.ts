/** Sessions with the CAs of the configuration, and acts on accounts that the command line asks for. */
import { readFile } from 'node:fs/promises'
import { ensureAccount, forgetAccountUrl, rollOverAccount, type AccountShell } from '../acme/account.ts'
import { createAcmeClient, type AcmeClient } from '../acme/client.ts'
import { sessionsOf, type Sessions } from '../acme/sessions.ts'
import { findIssuer, resolveIssuer } from '../config/known-issuers.ts'
import { Port80Failure } from '../reason.ts'
import type { RequestRecord } from '../state/records.ts'
import { removeRequest } from '../worker/apply.ts'
import { failureOf } from '../worker/attempt.ts'
import { issuerBudget } from './budgets.ts'
import type { OrderingShell } from './ordering.ts'
import type { Journals } from './stores.ts'

/** Sessions that open with the configuration in force at that moment. */
export function openSessions(shell: OrderingShell, journals: Journals): Sessions<AcmeClient> {
  return sessionsOf(async (issuer, signal) =>
    ensureAccount(await accountShell(issuer, shell, journals), signal),
  )
}

/** The CA says that it has no such account: the next session finds or registers it again, with the same key. */
export async function forgetAccount(issuer: string, shell: OrderingShell): Promise<void> {
  const resolved = resolveIssuer(shell.live.config(), issuer)
  await forgetAccountUrl(resolved, shell.stores.state, shell.now)
}

async function accountShell(
  name: string,
  shell: OrderingShell,
  { budgets }: Journals,
): Promise<AccountShell<AcmeClient>> {
  const config = shell.live.config()
  const issuer = resolveIssuer(config, name)
  const caBundlePem = issuer.caBundle === undefined ? undefined : await readBundle(issuer.caBundle)
  return {
    issuer,
    state: shell.stores.state,
    now: shell.now,
    countAccount: () => issuerBudget(name, { ...shell, budgets }).account(),
    connect: ({ keyPem, accountUrl }) =>
      createAcmeClient({
        directoryUrl: issuer.directory,
        accountKeyPem: keyPem,
        accountUrl,
        caBundlePem,
        requestTimeoutMs: config.worker.requestTimeout,
        observer: shell.acmeObserver(name),
        now: shell.now,
        userAgent: shell.userAgent,
      }),
  }
}

async function readBundle(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable'
    throw new Port80Failure(
      { reason: 'CaUntrusted', detail: `caBundle cannot be read (${code})` },
      { cause: error },
    )
  }
}

interface AccountTerm {
  readonly shell: OrderingShell
  readonly sessions: Sessions<AcmeClient>
  readonly journals: Journals
  /** Orders run. */
  readonly busy: boolean
}

/** `port80 rollover ISSUER`: carried out in line, because no order may be in flight with the old key. */
export async function carryOutAccountRequests(
  requests: ReadonlyMap<string, RequestRecord>,
  { shell, sessions, journals, busy }: AccountTerm,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, request] of requests) {
    if (request.do !== 'rollover' || !name.startsWith('account.') || busy) continue
    const issuer = name.slice('account.'.length)
    const about = { issuer }
    try {
      if (!findIssuer(shell.live.config(), issuer)) throw unknownIssuer(issuer)
      await rollOverAccount(await accountShell(issuer, shell, journals), signal)
      sessions.forget(issuer)
      shell.log.info(about, 'account key replaced')
    } catch (error) {
      const { reason, detail } = failureOf(error, signal)
      if (signal.aborted) return
      shell.log.error({ ...about, reason, detail }, 'account key not replaced')
    }
    await removeRequest(name, shell.stores.state, (request) => request?.do === 'rollover')
  }
}

function unknownIssuer(issuer: string): Port80Failure {
  const detail = `no issuer ${JSON.stringify(issuer.slice(0, 63))} is configured`
  return new Port80Failure({ reason: 'AcmeAccountDoesNotExist', detail })
}
