/** What `lint` looks at: files, or the cluster of the configuration. */
import type { Config } from '../config/schema.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { givenSettings, type GivenSettings } from '../lint/config-maps.ts'
import { placeText } from '../lint/documents.ts'
import { readFiles } from '../lint/files.ts'
import type { MeshObjects, ObjectList } from '../lint/objects.ts'
import { placesOf, type Places } from '../lint/places.ts'
import { readObjects } from '../lint/read-objects.ts'
import { clusterOf } from '../serve/cluster.ts'
import type { CommandContext } from './io.ts'

export interface LintSource {
  readonly objects: MeshObjects
  readonly given: GivenSettings
  /** Kinds of which everything there is was read. */
  readonly whole: ReadonlySet<ObjectList>
  /** Of the context or of the pod, where the cluster was read. */
  readonly namespace?: string
  /** Files and lines, where there are. */
  readonly places?: Places
  readonly remarks: readonly string[]
  /** Paths that were named and cannot be read. */
  readonly faults: readonly string[]
}

/** A file says nothing of what it leaves out: no kind is whole. */
export async function filesSource({ io, invocation }: CommandContext): Promise<LintSource> {
  const { files: paths = [], namespace = 'default' } = invocation
  const stdin = io.input ?? nothing
  const { found, remarks, faults } = await readFiles({ paths, stdin, lines: invocation.sarif === true })
  const placeOf = new Map(found.map(({ object, place }) => [object, place]))
  const read = readObjects([...placeOf.keys()], {
    namespace,
    placeOf(object) {
      const place = placeOf.get(object)
      return place ? placeText(place) : ''
    },
  })
  return {
    objects: read.objects,
    given: givenSettings([...placeOf.keys()], namespace),
    whole: new Set(),
    places: placesOf(found, namespace),
    remarks: [...remarks, ...read.remarks],
    faults,
  }
}

/** Some twenty lists side by side take a second or two; a cluster that takes this long does not answer. */
const patienceMs = 60_000

/** Throws Port80Failure StoreFailed when the cluster cannot be asked. */
export async function clusterSource({ config, configPath, version }: CommandContext): Promise<LintSource> {
  const [{ client, namespace }, { readCluster }] = await Promise.all([
    clusterOf(config, version)(),
    import('../lint/from-cluster.ts'),
  ])
  const signal = AbortSignal.timeout(patienceMs)
  const named = configPath === undefined ? undefined : config
  const namespaces = [...new Set([namespace, ...namespacesOf(config)])]
  try {
    const read = await readCluster({ client, config: named, namespaces, signal })
    return { ...read, namespace, faults: [] }
  } catch (error) {
    if (!signal.aborted) throw error
    const late = `the API server did not answer within ${patienceMs / 1000} s`
    throw storeFailed('reading the cluster', late)
  }
}

/** Those that the configuration speaks of: a worker may read them, and seldom more. */
function namespacesOf({ certificates, destinations, discovery }: Config): string[] {
  const pairs = [...destinations, ...certificates.flatMap((each) => each.destinations ?? [])]
  const found = [discovery?.istio?.namespaces, discovery?.gatewayApi?.namespaces]
  return [
    ...pairs.flatMap(({ secret }) => secret?.gateway.namespaces ?? []),
    ...found.flatMap((each) => (each === undefined || each === 'all' ? [] : each)),
    ...(discovery?.gateway.namespaces ?? []),
  ]
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
