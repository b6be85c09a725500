/**
 * How a certificate's folder is laid out. Pure. The pattern is the one Kubernetes mounts Secrets with, so whatever can
 * follow those can follow these:
 *
 *     NAME/..v7/tls.crt, tls.key   a pair, written once and never changed
 *     NAME/..data -> ..v7          the pair in force; one rename replaces both files
 *     NAME/tls.crt -> ..data/tls.crt, NAME/tls.key -> ..data/tls.key
 *     NAME/sds.yaml                Envoy's resource
 */

export const dataLink = '..data'
export const chainFile = 'tls.crt'
export const keyFile = 'tls.key'
export const resourceFile = 'sds.yaml'

/** Stable names and where they lead. */
export const links: Readonly<Record<string, string>> = {
  [chainFile]: `${dataLink}/${chainFile}`,
  [keyFile]: `${dataLink}/${keyFile}`,
}

/** The pair in force and the two before it: a server may still be reading them, and a person may want one back. */
const keptVersions = 3

/** Counted, not dated: a clock that goes back must not make an older pair look newer. */
export function versionName(number: number): string {
  return `..v${number}`
}

export function versionNumber(name: string): number | undefined {
  const match = /^\.\.v([1-9][0-9]{0,14})$/.exec(name)
  return match ? Number(match[1]) : undefined
}

/** One more than any there is, also than those that a crash left half written. */
export function nextVersion(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => versionNumber(name) ?? 0)) + 1
}

export function isVersion(name: string): boolean {
  return versionNumber(name) !== undefined
}

export interface Version {
  readonly name: string
  /** Both files are there. */
  readonly complete: boolean
  /** Epoch milliseconds. */
  readonly changedAt: number
}

/** A version is written within milliseconds. An incomplete one of this age was left by a process that died. */
const abandonedAfterMs = 60 * 60 * 1000

/**
 * Names of version folders to remove: the complete ones beyond `current` and the newest two others, and the abandoned.
 * Incomplete ones do not count, or a disk that is full for a while would push the good pairs out. Nothing while no
 * version is in force.
 */
export function outdatedVersions(
  versions: readonly Version[],
  current: string | undefined,
  now: number,
): string[] {
  if (current === undefined) return []
  const others = versions.filter(({ name }) => isVersion(name) && name !== current)
  const older = others
    .filter(({ complete }) => complete)
    .sort((left, right) => (versionNumber(right.name) ?? 0) - (versionNumber(left.name) ?? 0))
    .slice(keptVersions - 1)
  const abandoned = others.filter(
    ({ complete, changedAt }) => !complete && now - changedAt > abandonedAfterMs,
  )
  return [...older, ...abandoned].map(({ name }) => name)
}
