/** Whether a match of a route takes a plain request for a host and path. Pure. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest */
import type { HttpMatch, StringMatch } from '../istio-specs.ts'

/** `maybe`: it depends on what a stranger's request carries, or cannot be judged safely. */
export type Answer = 'yes' | 'no' | 'maybe'

export interface Asked {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly path: string
}

export const challengePrefix = '/.well-known/acme-challenge/'
/** A token that no object names. */
export const challengePath = `${challengePrefix}aZ09_-token-of-nobody`

export function matches(match: HttpMatch, { scheme, host, path }: Asked): Answer {
  const depends = [match.headers, match.withoutHeaders, match.queryParams, match.sourceLabels]
  const answers: readonly Answer[] = [
    matchesText(match.uri, path, match.ignoreUriCase),
    matchesText(match.scheme, scheme),
    matchesText(match.method, 'GET'),
    matchesText(match.authority, host),
    depends.some((each) => Object.keys(each).length > 0) || match.sourceNamespace !== '' ? 'maybe' : 'yes',
  ]
  return all(answers)
}

export function all(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no'
  return answers.includes('maybe') ? 'maybe' : 'yes'
}

export function any(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes'
  return answers.includes('maybe') ? 'maybe' : 'no'
}

function matchesText(match: StringMatch | undefined, text: string, anyCase = false): Answer {
  if (!match) return 'yes'
  const fold = (value: string) => (anyCase ? value.toLowerCase() : value)
  if (match.exact !== undefined) return fold(match.exact) === fold(text) ? 'yes' : 'no'
  if (match.prefix !== undefined) return fold(text).startsWith(fold(match.prefix)) ? 'yes' : 'no'
  return match.regex === undefined ? 'yes' : matchesRegex(match.regex, text)
}

/** Only what backtracks little: Envoy's engine does not backtrack, ours does, and whoever wrote the object may mean harm. */
function matchesRegex(regex: string, text: string): Answer {
  const costly = regex.length > 200 || /\)[*+{?]|\\\d|\(\?[^:]/.test(regex)
  if (costly || (regex.match(/[*+{]/g) ?? []).length > 3) return 'maybe'
  try {
    return new RegExp(`^(?:${regex})$`).test(text) ? 'yes' : 'no'
  } catch {
    return 'maybe'
  }
}

/** What Istio puts behind all other routes of a virtual host. */
export function isCatchAll(match: HttpMatch | undefined): boolean {
  if (!match) return true
  const { uri, headers, withoutHeaders, queryParams } = match
  const any = uri === undefined || uri.prefix === '/' || uri.regex === '.*'
  const more = [headers, withoutHeaders, queryParams].some((each) => Object.keys(each).length > 0)
  return any && !more && !match.scheme && !match.method && !match.authority
}
