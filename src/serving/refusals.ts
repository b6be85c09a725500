/** Refusals in the records: begun when the last good pair goes back, ended when the refused one may be tried again. */
import { refusalIsOver, triedAgainAt, withoutRefusal, withRefusal } from '../certificate/refused.ts'
import type { RefusedRecord } from '../state/records.ts'
import type { ProofShell } from './proof-shell.ts'
import type { Target } from './targets.ts'
import type { Verdict } from './verdict.ts'

/** Both are durable before they resolve; the plan of the worker then moves the pairs. */
export interface Refusals {
  begin(target: Target, verdict: Extract<Verdict, { is: 'rollBack' }>): Promise<void>
  /** `pods`: ready ones; undefined where they were not looked for. */
  endIfOver(
    desired: { readonly name: string; readonly fingerprint: string },
    refused: RefusedRecord,
    pods: readonly string[] | undefined,
  ): Promise<void>
}

export function refusalsOf(shell: ProofShell): Refusals {
  return {
    async begin(target, { to, pods }) {
      const { name, destination, held, certificate } = target
      const now = shell.now()
      const [newest] = certificate.record.pairs
      const refused: RefusedRecord = {
        ...{ serial: held, kept: to.serial, at: now, config: certificate.desired.fingerprint },
        until: triedAgainAt({ issuedAt: newest?.issuedAt ?? now, keptUntil: to.notAfter }, now),
        destinations: [destination],
        pods: pods.slice(0, 20),
      }
      const about = { certificate: name, destination, serial: held, back: to.serial, until: refused.until }
      shell.log.error(
        { ...about, pods: pods.slice(0, 5) },
        'the gateway did not take the new certificate; the last good one is put back',
      )
      await shell.change(name, (record) => {
        const now = record ?? certificate.record
        // Another pair has come meanwhile: nothing is undone for the one before it.
        return now.pairs[0]?.chainPem === newest?.chainPem ? withRefusal(now, refused) : now
      })
      shell.replan()
    },
    async endIfOver({ name, fingerprint }, refused, pods) {
      const proofIsOn = shell.settings().proof !== 'off'
      if (!refusalIsOver(refused, { fingerprint, pods, proofIsOn, now: shell.now() })) return
      await shell.change(name, (record) => {
        if (!record) throw new Error('unreachable: a refusal is in a record')
        return record.refused?.at === refused.at ? withoutRefusal(record) : record
      })
      shell.log.info({ certificate: name }, 'the refused certificate is tried again')
      shell.replan()
    },
  }
}
