/** When a certificate should be renewed, as the CA sees it (RFC 9773 §4.2). Pure; times are epoch ms. */
import type { Certificate } from './state.ts'

export interface Window {
  readonly start: number
  readonly end: number
  readonly explanationUrl?: string
}

export interface WindowRule {
  readonly renewalWindow: { readonly afterSeconds: number; readonly forSeconds: number } | undefined
  /** With it, a window never begins before the CA has run for `afterSeconds`, so that a restart renews nothing at once. */
  readonly renewalAfterStart: boolean
  readonly startedAt: number
}

export function renewalWindow(certificate: Certificate, rule: WindowRule): Window {
  const { notBefore, notAfter, revokedAt, window } = certificate
  // A revoked certificate is to be replaced now: a window that has passed says so.
  if (revokedAt !== undefined) return { start: revokedAt - 2_000, end: revokedAt - 1_000 }
  if (window) return window
  const lifetime = notAfter - notBefore
  const after = rule.renewalWindow ? rule.renewalWindow.afterSeconds * 1_000 : (lifetime * 2) / 3
  const length = rule.renewalWindow ? rule.renewalWindow.forSeconds * 1_000 : lifetime / 20
  const from = rule.renewalAfterStart ? Math.max(notBefore, rule.startedAt) : notBefore
  // Never so late that the certificate runs out inside its own window.
  const start = Math.max(notBefore, Math.min(from + after, notAfter - length - 1_000))
  return { start, end: start + Math.max(length, 1_000) }
}
