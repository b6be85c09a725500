/** Asking the CA when it would like a certificate to be renewed (RFC 9773 §4): one question, one durable answer. */
import { judge } from '../acme/failure.ts'
import { certificateId, nextRenewalInfo } from '../acme/renewal-info.ts'
import { readLeaf, type Desired } from '../certificate/certificate.ts'
import { emptyCertificateRecord } from '../state/records.ts'
import type { ApplyShell } from './apply.ts'
import { failureOf, recordHold } from './attempt.ts'

/** Asks the CA when to renew; an error is recorded and keeps the old window. */
export async function askRenewalInfo(
  issuer: string,
  desired: Desired,
  shell: ApplyShell,
  signal: AbortSignal,
): Promise<void> {
  const entry = await shell.certificates.read(desired.name)
  const pair = entry.state === 'there' ? entry.record.pairs[0] : undefined
  const leaf = pair && readLeaf(pair)
  if (!leaf) return
  // Every way out records when to ask again: a step that leaves no trace would be planned anew at once, for ever.
  const certId = certificateId(pair.chainPem) ?? ''
  const lifetimeMs = leaf.notAfter - leaf.notBefore
  const answer = await ask(certId, { issuer, desired }, shell, signal)
  if (!answer) return
  const now = shell.now()
  const random = shell.random()
  await shell.certificates.change(desired.name, (record) => {
    // A renewal that ended in the meantime made the answer stale.
    if (!record || record.pairs[0]?.chainPem !== pair.chainPem) return record ?? emptyCertificateRecord
    const renewalInfo = nextRenewalInfo({
      previous: record.renewalInfo,
      certId,
      answer,
      lifetimeMs,
      now,
      random,
    })
    return { ...record, renewalInfo }
  })
}

async function ask(
  certId: string,
  { issuer, desired }: { issuer: string; desired: Desired },
  shell: ApplyShell,
  signal: AbortSignal,
) {
  if (certId === '') return { error: 'the certificate names no authority key (RFC 9773 §4.1)' }
  try {
    const { client } = await shell.open(issuer, signal)
    const { renewalInfo } = await client.directory(signal)
    if (renewalInfo === undefined) return { error: 'the CA offers no renewal information' }
    return { ok: await client.renewalInfo(certId, signal) }
  } catch (error) {
    const failure = failureOf(error, signal)
    if (failure.reason === 'Aborted') return undefined
    const { reason, detail } = failure
    shell.log.warn({ issuer, reason, detail }, 'renewal information is not to be had; the old window stays')
    await recordHold(issuer, desired, failure, shell)
    const verdict = judge({ failure, failures: 1, now: shell.now(), random: shell.random() })
    return { error: `${reason}: ${detail}`, ...(verdict.do === 'waitUntil' && { retryAt: verdict.at }) }
  }
}
