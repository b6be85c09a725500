/** What `lint` looks at: files, or the cluster of the configuration. */
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

/** Throws Port80Failure StoreFailed when the cluster cannot be asked. */
export async function clusterSource({ config, configPath, version }: CommandContext): Promise<LintSource> {
  const [{ client, namespace }, { readForLint }] = await Promise.all([
    clusterOf(config, version)(),
    import('../lint/cluster-of-config.ts'),
  ])
  const cluster = { client, namespace, config, named: configPath !== undefined }
  return { ...(await readForLint(cluster, new AbortController().signal)), namespace, faults: [] }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
