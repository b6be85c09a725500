/** The worker's own lint in a term of leadership: what it judges by, and where it tells (src/lint). */
import type { Config } from '../config/schema.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { runRounds } from '../lint/rounds.ts'
import type { Judgement } from '../lint/run.ts'
import { pause } from '../worker/wake.ts'
import type { Cluster } from './cluster.ts'
import type { OrderingShell } from './ordering.ts'

/** Until the signal aborts. Never rejects. */
export function lintWhileLeading(
  { live, reported, log, now, random }: OrderingShell,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  return runRounds(
    {
      settings: live.config,
      every() {
        const { lint } = live.config()
        return lint === 'off' ? undefined : lint.every
      },
      judge: (ending) => judged(live.config(), cluster, { now, signal: ending }),
      tell: (findings, at) =>
        reported.set('lint', findings === undefined ? {} : { findings, lookedAt: [{ look: 'lint', at }] }),
    },
    {
      ...{ log, now, random, pause },
      failed: (error) => log.error({ err: error }, 'a round of lint ended in a bug'),
    },
    signal,
  )
}

/**
 * The rules and what reads for them are loaded at the first round: most workers never take one. Throws Port80Failure
 * StoreFailed also where only a part could not be read for now.
 */
export async function judged(
  config: Config,
  cluster: Cluster,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
): Promise<Judgement> {
  const [{ readForLint }, { lintScope }, { lint }, { rules }, { client, namespace }] = await Promise.all([
    import('../lint/cluster-of-config.ts'),
    import('../lint/scope.ts'),
    import('../lint/run.ts'),
    import('../lint/rules/index.ts'),
    cluster(),
  ])
  const read = await readForLint({ client, namespace, config, named: true }, signal)
  // Else each finding would end with the outage, and begin anew.
  if (read.outage !== undefined) throw storeFailed('reading the cluster', read.outage)
  const { scope, remarks } = lintScope({ ...read, now: now(), config, namespace })
  const { findings, remarks: ofRules } = lint(read.objects, scope, rules)
  return { findings, remarks: [...read.remarks, ...remarks, ...ofRules] }
}
