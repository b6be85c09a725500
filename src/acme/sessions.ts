/**
 * One account and one client an issuer, opened when first needed and shared by all orders of this leadership:
 * a hundred orders at once register once.
 */
import type { AccountClient } from './account.ts'

export interface Session<Client> {
  readonly client: Client
  readonly accountUrl: string
}

/**
 * Contract: concurrent `open`s of one issuer share one attempt; a failed attempt is forgotten, so that the next order
 * tries again; `close` ends every client.
 */
export interface Sessions<Client> {
  open(issuer: string, signal: AbortSignal): Promise<Session<Client>>
  /** The issuer's settings changed, or its account did: the next `open` starts anew. */
  forget(issuer: string): void
  close(): void
}

export function sessionsOf<Client extends Pick<AccountClient, 'close'>>(
  start: (issuer: string, signal: AbortSignal) => Promise<Session<Client>>,
): Sessions<Client> {
  const open = new Map<string, Promise<Session<Client>>>()
  const forget = (issuer: string) => {
    const session = open.get(issuer)
    open.delete(issuer)
    // Orders that still use it fail as CaUnreachable at worst, and go on with the new one.
    void session?.then(({ client }) => client.close()).catch(() => undefined)
  }
  return {
    async open(issuer, signal) {
      const known = open.get(issuer)
      if (known) return known
      const session = start(issuer, signal)
      open.set(issuer, session)
      session.catch(() => open.get(issuer) === session && open.delete(issuer))
      return session
    },
    forget,
    close() {
      for (const issuer of [...open.keys()]) forget(issuer)
    },
  }
}
