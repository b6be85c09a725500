/** When a certificate should be renewed, as the CA sees it (RFC 9773 §4.2). Pure; times are epoch ms. */
import type { WindowSpan } from './options.ts'
import type { Certificate } from './state.ts'

export interface Window {
  readonly start: number
  readonly end: number
  readonly explanationUrl?: string
}

export interface WindowRule {
  readonly renewalWindow?: WindowSpan | undefined
  readonly earlyRenewal?: WindowSpan | undefined
  /** When the CA was started. */
  readonly startedAt: number
}

export function renewalWindow(certificate: Certificate, rule: WindowRule, now: number): Window {
  const { notBefore, revokedAt, window } = certificate
  // A revoked certificate is to be replaced now: a window that has passed says so.
  if (revokedAt !== undefined) return { start: revokedAt - 2_000, end: revokedAt - 1_000 }
  if (window) return window
  const usual = usualWindow(certificate, rule.renewalWindow)
  const { earlyRenewal: early } = rule
  if (!early) return usual
  const start = rule.startedAt + early.afterSeconds * 1_000
  const affected = notBefore < start && start <= now && start < usual.start
  return affected ? { start, end: start + early.forSeconds * 1_000 } : usual
}

function usualWindow({ notBefore, notAfter }: Certificate, span: WindowSpan | undefined): Window {
  const lifetime = notAfter - notBefore
  const after = span ? span.afterSeconds * 1_000 : (lifetime * 2) / 3
  const length = Math.max(1_000, span ? span.forSeconds * 1_000 : lifetime / 20)
  // Never so late that the certificate runs out inside its own window.
  const start = Math.max(notBefore, Math.min(notBefore + after, notAfter - length - 1_000))
  return { start, end: start + length }
}
