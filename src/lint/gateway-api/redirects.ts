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

export function redirectsToHttps({ spec }: HttpRoute): RedirectPlace[] {
  return spec.rules.flatMap(({ filters, matches }, rule) =>
    filters.flatMap(({ type, requestRedirect: redirect }, filter): RedirectPlace[] =>
      type === 'RequestRedirect' && redirect?.scheme.toLowerCase() === 'https'
        ? [{ rule, filter, redirect, matches }]
        : [],
    ),
  )
}

/** https of the same host, port and path, for requests that hang on nothing but their path. */
export function isSameUrl({ redirect, matches }: RedirectPlace, host: string, port: number): boolean {
  const { hostname, path } = redirect
  if ((hostname !== '' && hostname.toLowerCase() !== host) || (path !== undefined && path !== null))
    return false
  // Without a port it is that of https.
  if ((redirect.port === 0 ? 443 : redirect.port) !== port) return false
  const isPlain = ({ headers, queryParams, method }: (typeof matches)[number]) =>
    headers.length === 0 && queryParams.length === 0 && (method === '' || method === 'GET')
  return matches.length === 0 || matches.some(isPlain)
}
