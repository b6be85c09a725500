/** What listeners, folders and time-outs must be for each other. Pure. */
import { formatDuration, parseDuration } from './duration.ts'
import { finding, type Finding, type Path } from './fault.ts'
import { configSchema } from './schema.ts'
import type { Sketch } from './sketch.ts'

type Folders = readonly ({ readonly directory?: string | undefined } | undefined)[]

export function processFindings(sketch: Sketch): Finding[] {
  return [
    ...portsMeet(sketch),
    ...headersOutlastRequest(sketch),
    ...destinationLists(sketch).flatMap(({ at, folders }) => [
      ...destinationTwice(at, folders),
      ...destinationIsStore(at, folders, sketch),
    ]),
  ]
}

/** Two listeners on one port: the second cannot start. Different addresses of one machine are fine; 0 is any free port. */
function portsMeet({ listeners }: Sketch): Finding[] {
  const defaults = configSchema.parse({}).listeners
  const open = withDefaults(listeners?.public, defaults.public)
  const admin = withDefaults(listeners?.admin, defaults.admin)
  if (open.port === undefined || open.port !== admin.port || open.port === 0) return []
  const hosts = [open.host, admin.host]
  if (hosts.includes(undefined)) return []
  if (open.host !== admin.host && !hosts.some((host) => host === '::' || host === '0.0.0.0')) return []
  const fix = 'is the port of both listeners; give the admin pages one of their own'
  return [finding(['listeners', 'admin', 'port'], admin.port, fix)]
}

/** Node refuses to start with it: the headers are a part of the request. */
function headersOutlastRequest({ listeners }: Sketch): Finding[] {
  const defaults = configSchema.parse({}).listeners.public
  const written = listeners?.public ?? {}
  const headers = milliseconds(written, 'headersTimeout', defaults.headersTimeout)
  const request = milliseconds(written, 'requestTimeout', defaults.requestTimeout)
  if (headers === undefined || request === undefined || headers <= request) return []
  const section = ['listeners', 'public']
  return written.headersTimeout === undefined
    ? [
        finding(
          [...section, 'requestTimeout'],
          written.requestTimeout,
          `is shorter than headersTimeout (${formatDuration(headers)}), which is a part of it; write at least as much`,
        ),
      ]
    : [
        finding(
          [...section, 'headersTimeout'],
          written.headersTimeout,
          `is longer than requestTimeout (${formatDuration(request)}), of which it is a part; write at most as much`,
        ),
      ]
}

function destinationTwice(at: Path, folders: Folders): Finding[] {
  const plain = folders.map((each) => each?.directory && withoutSlash(each.directory))
  return plain.flatMap((directory, index) => {
    const first = plain.indexOf(directory)
    if (directory === undefined || first === index) return []
    const fix = `stands twice, first as destinations[${first}]; take one out`
    return [finding([...at, index, 'directory'], folders[index]?.directory, fix)]
  })
}

/** A gateway may read its destination; account keys are in the store. */
function destinationIsStore(at: Path, folders: Folders, { store }: Sketch): Finding[] {
  if (store && 'kubernetes' in store) return []
  const written = store && 'directory' in store ? store.directory : configSchema.parse({}).store.directory
  if (written === undefined) return []
  return folders.flatMap((each, index) => {
    const directory = each?.directory
    if (directory === undefined || withoutSlash(directory) !== withoutSlash(written)) return []
    const fix = 'is the folder of the store, where account keys are; write another folder'
    return [finding([...at, index, 'directory'], directory, fix)]
  })
}

function destinationLists(sketch: Sketch): { at: Path; folders: Folders }[] {
  const own = (sketch.certificates ?? []).flatMap((certificate, index) => {
    const folders = certificate?.destinations
    return folders === undefined ? [] : [{ at: ['certificates', index, 'destinations'], folders }]
  })
  const shared = sketch.destinations
  return shared === undefined ? own : [{ at: ['destinations'], folders: shared }, ...own]
}

/** Written values over the defaults; a faulty value stays undefined and does not become the default. */
function withDefaults(
  written: { readonly host?: string | undefined; readonly port?: number | undefined } | undefined,
  defaults: { readonly host: string; readonly port: number },
): { host: string | undefined; port: number | undefined } {
  return { host: defaults.host, port: defaults.port, ...written }
}

function milliseconds<Key extends string>(
  written: { readonly [K in Key]?: string | undefined },
  key: Key,
  fallback: number,
): number | undefined {
  if (!(key in written)) return fallback
  const text = written[key]
  return text === undefined ? undefined : parseDuration(text)
}

function withoutSlash(directory: string): string {
  return directory.replace(/^\.\//, '').replace(/(?<=.)\/+$/, '')
}
