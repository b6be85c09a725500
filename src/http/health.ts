/** What /livez and /readyz say, for a probe and for a person with curl. Pure. */

export interface ReadinessPart {
  readonly part: string
  readonly ready: boolean
  readonly detail: string
}

export interface LivenessPart {
  readonly part: string
  readonly alive: boolean
  readonly detail: string
}

export interface HealthAnswer {
  readonly status: 200 | 503
  /** Parts that are not well come first, with a sign before each. */
  readonly text: string
  readonly json: string
}

export function readinessAnswer(parts: readonly ReadinessPart[]): HealthAnswer {
  const well = parts.every(({ ready }) => ready)
  return {
    status: well ? 200 : 503,
    text: report(
      well ? 'ready' : 'not ready',
      parts.map(({ part, ready, detail }) => [ready, part, detail]),
    ),
    json: `${JSON.stringify({ ready: well, parts })}\n`,
  }
}

export function livenessAnswer(parts: readonly LivenessPart[]): HealthAnswer {
  const well = parts.every(({ alive }) => alive)
  return {
    status: well ? 200 : 503,
    text: report(
      well ? 'alive' : 'not alive',
      parts.map(({ part, alive, detail }) => [alive, part, detail]),
    ),
    json: `${JSON.stringify({ alive: well, parts })}\n`,
  }
}

type Line = readonly [well: boolean, part: string, detail: string]

function report(verdict: string, lines: readonly Line[]): string {
  const width = Math.max(0, ...lines.map(([, part]) => part.length))
  const sorted = lines.toSorted(([one], [other]) => Number(one) - Number(other))
  const bad = sorted.filter(([well]) => !well).map(([, part]) => part)
  return [
    bad.length === 0 ? verdict : `${verdict}: ${bad.join(', ')}`,
    ...sorted.map(([well, part, detail]) =>
      `${well ? '[ok]' : '[--]'} ${part.padEnd(width)}  ${oneLine(detail)}`.trimEnd(),
    ),
    '',
  ].join('\n')
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

/** Text for probes and people, unless a program asks for JSON by name. */
export function wantsJson(accept: string | undefined): boolean {
  return accept !== undefined && /\bapplication\/json\b/i.test(accept)
}
