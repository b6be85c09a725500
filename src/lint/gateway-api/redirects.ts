/** Filters of HTTPRoutes that redirect to https. Pure. */
import type { RouteRule } from '../gateway-api-specs.ts'
import type { HttpRoute } from './attached.ts'

export interface RedirectPlace {
  /** Of `spec.rules`, and of its `filters`. */
  readonly rule: number
  readonly filter: number
  readonly redirect: NonNullable<RouteRule['filters'][number]['requestRedirect']>
  readonly matches: RouteRule['matches']
}

/** Without those that no request gets to: of two rules for the same path the first has it. */
export function redirectsToHttps({ spec }: HttpRoute): RedirectPlace[] {
  const taken = new Set<string>()
  return spec.rules.flatMap(({ filters, matches }, rule) => {
    const paths = (matches.length === 0 ? [wholePath] : matches.filter(isPlain)).map(pathOf)
    const isDead = matches.every(isPlain) && paths.every((path) => taken.has(path))
    for (const path of paths) taken.add(path)
    if (isDead) return []
    return filters.flatMap(({ type, requestRedirect: redirect }, filter): RedirectPlace[] =>
      type === 'RequestRedirect' && redirect?.scheme.toLowerCase() === 'https'
        ? [{ rule, filter, redirect, matches }]
        : [],
    )
  })
}

type Match = RouteRule['matches'][number]

const wholePath: Match = { path: undefined, headers: [], queryParams: [], method: '' }
/** Nothing but a path says whom it takes. */
const isPlain = ({ headers, queryParams, method }: Match) =>
  headers.length === 0 && queryParams.length === 0 && method === ''
const pathOf = ({ path }: Match) => JSON.stringify([path?.type ?? 'PathPrefix', path?.value ?? '/'])

/** https of the same host, port and path, for requests that hang on nothing but their path. */
export function isSameUrl({ redirect, matches }: RedirectPlace, host: string, port: number): boolean {
  const { hostname, path } = redirect
  if ((hostname !== '' && hostname.toLowerCase() !== host) || (path !== undefined && path !== null))
    return false
  // Without a port it is that of https.
  if ((redirect.port === 0 ? 443 : redirect.port) !== port) return false
  const isForBrowsers = (match: Match) =>
    isPlain({ ...match, method: match.method === 'GET' ? '' : match.method })
  return matches.length === 0 || matches.some(isForBrowsers)
}
