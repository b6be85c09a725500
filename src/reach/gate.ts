/** The preflight before a first order: two looks where the first is bad, then the order goes on or does not. */
import type { PreflightPolicy } from '../config/reach-schema.ts'
import { Port80Failure } from '../reason.ts'
import { lookAt, type LookingShell } from './looking.ts'
import { decidePreflight, type PreflightDecision } from './preflight.ts'

export interface GateShell extends LookingShell {
  policyOf(issuer: string): PreflightPolicy
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** Takes an act that nobody waits for; it never rejects. */
  later(act: Promise<void>): void
  /** A bug of ours, in an act that nobody waits for. */
  failed(error: unknown): void
}

interface Wanted {
  readonly name: string
  readonly domains: readonly string[]
}

/** One lost packet refuses nothing: a bad look is repeated after so many ms. */
const secondLookMs = 1_000

/**
 * Returns when the order may be placed. Throws Port80Failure PreflightFailed where the policy is `require` and two looks
 * found an error. With `warn` it does not wait: the order goes on while it is looked. A look that cannot be made (the
 * API server is away) refuses nothing: "nobody could look" is no finding, and the CA may well come.
 */
export async function preflight(
  wanted: Wanted,
  issuer: string,
  shell: GateShell,
  signal: AbortSignal,
): Promise<void> {
  const policy = shell.policyOf(issuer)
  switch (policy) {
    case 'off':
      return
    case 'warn':
      shell.later(beside(wanted, shell, signal))
      return
    case 'require': {
      const decision = await decided(policy, wanted, shell, signal)
      if (decision.do !== 'refuse') return
      const { detail, host } = decision
      const about = host === undefined ? {} : { identifier: host }
      throw new Port80Failure({ reason: 'PreflightFailed', detail, ...about })
    }
  }
}

async function beside(wanted: Wanted, shell: GateShell, signal: AbortSignal): Promise<void> {
  try {
    await decided('warn', wanted, shell, signal)
  } catch (error) {
    if (!signal.aborted) shell.failed(error)
  }
}

async function decided(
  policy: 'require' | 'warn',
  { name, domains }: Wanted,
  shell: GateShell,
  signal: AbortSignal,
): Promise<PreflightDecision> {
  try {
    const first = decidePreflight(policy, await lookAt(domains, 'preflight', shell, signal))
    if (first.findings.length === 0) return first
    await shell.pause(secondLookMs, signal)
    return decidePreflight(policy, await lookAt(domains, 'preflight', shell, signal))
  } catch (error) {
    if (!(error instanceof Port80Failure)) throw error
    const { detail } = error.failure
    shell.log.warn({ certificate: name, detail }, 'no preflight: nobody can look, the order goes on')
    return { do: 'goOn', findings: [] }
  }
}
