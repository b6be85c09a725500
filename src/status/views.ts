/** The pages of the status and the links between them. Pure. All links are relative, so that a proxy may add a prefix. */

export const views = ['overview', 'findings', 'budget', 'redirects'] as const
export type View = (typeof views)[number]

export const viewTitles: Readonly<Record<View, string>> = {
  overview: 'Overview',
  findings: 'Findings',
  budget: 'Limits of the CA',
  redirects: 'Plain http',
}

export interface Links {
  /** To what stands beside /status: `status.json`, `metrics` … */
  readonly beside: (name: string) => string
  readonly view: (view: View, anchor?: string) => string
  readonly certificate: (name: string) => string
}

/**
 * `depth`: path segments of the page after /status. With `refresh` off, that goes with every link: who wants to read in
 * peace does not say so again on each page.
 */
export function linksFrom(depth: number, refresh: boolean): Links {
  const root = '../'.repeat(depth)
  const query = refresh ? '' : '?refresh=off'
  const to = (path: string, anchor?: string) =>
    `${root}status${path}${query}${anchor === undefined ? '' : `#${anchor}`}`
  return {
    beside: (name) => `${root}${name}`,
    view: (view, anchor) => to(view === 'overview' ? '' : `/${view}`, anchor),
    certificate: (name) => to(`/certificates/${segmentOf(name)}`),
  }
}

/**
 * A name is of the configuration, which a file may have garbled. `.` and `..` would be resolved away, escaped or not, and
 * half a surrogate pair cannot be escaped at all.
 */
function segmentOf(name: string): string {
  const escaped = encodeURIComponent(name.toWellFormed())
  return /^\.{1,2}$/.test(name) ? `~${escaped}` : escaped
}

/** The name back out of the segment, as the router has unescaped it. */
export function nameOfSegment(segment: string): string {
  return /^~\.{1,2}$/.test(segment) ? segment.slice(1) : segment
}
