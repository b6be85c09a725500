/** Which of the acts that are due begin now, and which wait for a slot. Pure. */

export interface Act {
  readonly certificate: string
  /** Where it happens: a CA that hangs must not have every slot while another waits. */
  readonly issuer: string
  /** Questions that cost nothing have slots of their own, so that they and orders do not wait for each other. */
  readonly kind: 'order' | 'question'
  /** Orders of one issuer with the same names wait for each other; absent: for nobody. */
  readonly names?: string
  /** Epoch ms at which the certificate expires; 0 where none is valid. */
  readonly expiry: number
}

/**
 * At most `limit` acts of a kind at once. The next slot goes to the issuer with the fewest acts, there to what has no
 * valid certificate, then to what expires first: a bound must not let one expire. One act a certificate, and one order for
 * the same names at an issuer.
 */
export function startable<Due extends Act>(
  due: readonly Due[],
  running: readonly Act[],
  limit: number,
): readonly Due[] {
  const started: Due[] = []
  const waiting = due.filter(({ certificate }) => !running.some((act) => act.certificate === certificate))
  waiting.sort((a, b) => a.expiry - b.expiry)
  for (const kind of ['order', 'question'] as const) {
    const queues = Map.groupBy(
      waiting.filter((act) => act.kind === kind),
      ({ issuer }) => issuer,
    )
    const busy = running.filter((act) => act.kind === kind).map(({ issuer }) => issuer)
    const alike = new Set(running.flatMap(namesAt))
    while (busy.length < limit) {
      const next = leastBusy([...queues.keys()], busy)
      const act = next === undefined ? undefined : queues.get(next)?.shift()
      if (next === undefined || !act) break
      if (queues.get(next)?.length === 0) queues.delete(next)
      if (namesAt(act).some((names) => alike.has(names))) continue
      for (const names of namesAt(act)) alike.add(names)
      busy.push(next)
      started.push(act)
    }
  }
  return started
}

/** A CA answers newOrder for the same names with the same pending order (Let's Encrypt does): two keys cannot share it. */
function namesAt({ issuer, names }: Act): string[] {
  return names === undefined ? [] : [`${issuer} ${names}`]
}

function leastBusy(issuers: readonly string[], busy: readonly string[]): string | undefined {
  const count = (issuer: string) => busy.filter((each) => each === issuer).length
  let least: string | undefined
  for (const issuer of issuers) if (least === undefined || count(issuer) < count(least)) least = issuer
  return least
}
