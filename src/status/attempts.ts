/** The last attempts of a certificate, with the CA's own words. Pure. */
import { html, link, type Html } from './html.ts'
import { when } from './moment.ts'
import type { AttemptStatus } from './snapshot.ts'
import { span } from './time.ts'
import type { Tone } from './tone.ts'

const outcomes: Readonly<Record<AttemptStatus['outcome'], readonly [Tone, string]>> = {
  issued: ['good', '✓ issued'],
  failed: ['bad', '✕ failed'],
  running: ['busy', '◌ running'],
}

export function renderAttempts(attempts: readonly AttemptStatus[], now: number): Html | undefined {
  if (attempts.length === 0) return undefined
  const title = attempts.length === 1 ? 'Last attempt' : `Last ${attempts.length} attempts`
  return html`<details>
    <summary>${title}</summary>
    ${list(attempts, now)}
  </details>`
}

/** The same, open, on the page of the certificate. */
export function renderHistory(attempts: readonly AttemptStatus[], now: number): Html {
  if (attempts.length === 0) return html`<p>Nothing has been ordered yet.</p>`
  return html`<div class="card">${list(attempts, now)}</div>`
}

function list(attempts: readonly AttemptStatus[], now: number): Html {
  return html`<ol class="attempts">
    ${attempts.map((attempt) => renderAttempt(attempt, now))}
  </ol>`
}

function renderAttempt({ at, endedAt, why, issuer, outcome, failure }: AttemptStatus, now: number): Html {
  const [tone, words] = outcomes[outcome]
  return html`<li>
    <div class="line">
      <span class="badge ${tone}">${words}</span>
      <span>${when(at, now)}</span>
      <span class="quiet"
        >at ${issuer} because
        <code>${why}</code>${endedAt !== undefined && html`, took ${span(endedAt - at)}`}</span
      >
    </div>
    ${failure && html`<div class="failure past">${renderFailure(failure)}</div>`}
  </li>`
}

type FailureStatus = NonNullable<AttemptStatus['failure']>

export function renderFailure(failure: FailureStatus, lead?: string): Html {
  const { reason, identifier, detail, helpUrl } = failure
  const help = link(helpUrl, 'what the CA says about it')
  return html`<p>
      ${lead !== undefined && html`${lead}: `}<code>${reason}</code>${identifier !== undefined && html` for <code>${identifier}</code>`}${help && html` (${help})`}
    </p>
    <blockquote>${detail}</blockquote>`
}
