/** Renewal information (RFC 9773 §4): an unsigned GET. */
import { isCertificateId } from './certificate-id.ts'
import { AcmeProblem } from './problem.ts'
import { renewalWindow } from './renewal-window.ts'
import { notFound, type Handler } from './request.ts'

export const renewalInfo: Handler = (ca, request) => {
  if (!isCertificateId(request.id)) throw new AcmeProblem('malformed', 'This is not a certificate id')
  const found = [...ca.state.certificates.values()].find((each) => each.certId === request.id)
  if (!found) throw notFound()
  ca.stats.renewalInfoRequests += 1
  const { renewalWindow: usual, earlyRenewal } = ca.settings
  const rule = { renewalWindow: usual, earlyRenewal, startedAt: ca.startedAt }
  const window = renewalWindow(found, rule, Date.now())
  return {
    status: 200,
    headers: { 'Retry-After': String(ca.settings.renewalRetryAfterSeconds) },
    body: {
      suggestedWindow: {
        start: new Date(window.start).toISOString(),
        end: new Date(window.end).toISOString(),
      },
      ...(window.explanationUrl !== undefined && { explanationURL: window.explanationUrl }),
    },
  }
}
