/** Ending a certificate at its CA (RFC 8555 §7.6), because the command line asked for it. */
import { revoked } from '../certificate/attempt.ts'
import { serialOf, type Desired } from '../certificate/certificate.ts'
import type { Step } from '../certificate/plan.ts'
import { pairToRevoke } from '../certificate/request.ts'
import { emptyCertificateRecord, type StoredPair } from '../state/records.ts'
import type { ApplyShell } from './apply.ts'
import { failureOf, recordHold } from './attempt.ts'
import { removeRequest } from './requests.ts'

/** Of the pair that was in use when it was asked for; what became of it meanwhile was looked at by the plan. */
export async function revoke(
  step: Extract<Step, { do: 'revoke' }>,
  desired: Desired,
  shell: ApplyShell,
  signal: AbortSignal,
): Promise<void> {
  const entry = await shell.certificates.read(desired.name)
  const pair = entry.state === 'there' ? pairToRevoke(entry.record, step.serial) : undefined
  if (pair && (await revokedAtCa(pair, step, { desired, shell }, signal))) {
    const now = shell.now()
    await shell.certificates.change(desired.name, (record) =>
      revoked(record ?? emptyCertificateRecord, pair.chainPem, now),
    )
    shell.log.info(
      {
        certificate: desired.name,
        serial: serialOf(pair.chainPem),
        revocationReason: step.revocationReason,
      },
      'certificate revoked',
    )
  }
  if (signal.aborted) return
  const { serial } = step
  await removeRequest(
    desired.name,
    shell.state,
    (request) => request?.do === 'revoke' && request.serial === serial,
  )
}

/** False when the CA cannot be asked or refuses; that is logged, and its limits are heeded. */
async function revokedAtCa(
  pair: StoredPair,
  { revocationReason }: Extract<Step, { do: 'revoke' }>,
  { desired, shell }: { desired: Desired; shell: ApplyShell },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { client } = await shell.open(pair.issuer, signal)
    await shell.assertLeading()
    await client.revoke({ chainPem: pair.chainPem, reason: revocationReason }, signal).catch(alreadyRevoked)
    return true
  } catch (error) {
    const failure = failureOf(error, signal)
    const { reason, detail } = failure
    if (reason === 'LeadershipLost') throw error
    shell.log.error({ certificate: desired.name, revocationReason, reason, detail }, 'revocation failed')
    await recordHold(pair.issuer, desired, failure, shell)
    return false
  }
}

/** Revoking twice is what a crash between the CA's answer and our record looks like: the wish is fulfilled. */
function alreadyRevoked(error: unknown): void {
  if (failureOf(error, new AbortController().signal).reason !== 'AcmeAlreadyRevoked') throw error
}
