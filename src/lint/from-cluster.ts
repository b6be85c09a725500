/**
 * What lint looks at, from the API server: one list of each kind, with whatever rights there are. Nothing is watched,
 * nothing written. Of Secrets only those that something names are read, and of those only facts are kept.
 */
import type { Config } from '../config/schema.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { isWeather, type ApiFailure, type Reply } from '../kube/api-failure.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject, ResourceName } from '../kube/object.ts'
import { typeOf } from '../kube/resource-path.ts'
import { clusterKinds, clusterWide, type ClusterKind } from './cluster-kinds.ts'
import { readNamedSecrets } from './cluster-secrets.ts'
import { givenSettings, type GivenSettings } from './config-maps.ts'
import { namedSecrets } from './named-secrets.ts'
import type { MeshObjects, ObjectList } from './objects.ts'
import { readObjects } from './read-objects.ts'

export interface ClusterToRead {
  readonly client: KubeClient
  /** Of the file; undefined where nobody named one: ConfigMaps of port80 are looked for then. */
  readonly config: Config | undefined
  /** Read instead where the whole cluster may not be. */
  readonly namespaces: readonly string[]
  /** Ends the reading; it rejects with its reason. */
  readonly signal: AbortSignal
}

export interface ReadCluster {
  readonly objects: MeshObjects
  readonly given: GivenSettings
  /** Kinds of which everything there is was read. */
  readonly whole: ReadonlySet<ObjectList>
  readonly remarks: readonly string[]
  /** Why some of it is not known now, but would be at another moment: that a mistake is not seen does not say that it is gone. */
  readonly outage?: string
}

/** Throws Port80Failure StoreFailed when the API server cannot be asked at all. */
export async function readCluster(cluster: ClusterToRead): Promise<ReadCluster> {
  const [lists, settings] = await Promise.all([
    Promise.all(clusterKinds.map((kind) => listKind(cluster, kind))),
    readSettings(cluster),
  ])
  const outage = lists.find(({ failure }) => failure && isWeather(failure))?.failure
  if (outage && lists.every(({ items }) => items.length === 0))
    throw storeFailed('reading the cluster', outage.detail)
  const read = readObjects(lists.flatMap(({ items }) => items))
  const given = givenSettings(settings.maps)
  const { config, client, signal } = cluster
  const configs = config ? [config] : given.configs.map((each) => each.config)
  const secrets = await readNamedSecrets(
    { client, signal },
    (configs.length === 0 ? [undefined] : configs).map((each) => namedSecrets(read.objects, each)),
  )
  const unknown = outage?.detail ?? secrets.outage
  const partly = new Set(lists.flatMap(({ list, failure }) => (failure ? [list] : [])))
  const whole = new Set<ObjectList>(clusterKinds.map(({ list }) => list).filter((list) => !partly.has(list)))
  if (secrets.whole) whole.add('secrets')
  return {
    objects: { ...read.objects, secrets: secrets.facts },
    ...{ given, whole },
    ...(unknown !== undefined && { outage: unknown }),
    remarks: [
      ...lists.flatMap(({ remark }) => (remark === undefined ? [] : [remark])),
      ...[...read.remarks, ...secrets.remarks, ...settings.remarks],
    ],
  }
}

interface Listed {
  readonly list: ObjectList
  readonly items: readonly unknown[]
  /** Not everything there is was read. */
  readonly failure?: ApiFailure
  readonly remark?: string
}

async function listKind(cluster: ClusterToRead, kind: ClusterKind): Promise<Listed> {
  const { list, resource } = kind
  const reply = await listIn(cluster, kind, undefined)
  if ('ok' in reply) return { list, items: reply.ok }
  const { failure } = reply
  // Of a kind that the cluster does not know there is nothing.
  if (failure.kind === 'notFound') return { list, items: [] }
  const { namespaces } = cluster
  if (failure.kind !== 'forbidden' || clusterWide.has(resource) || namespaces.length === 0)
    return { list, items: [], failure, remark: `${failure.detail}; left out` }
  const parts = await Promise.all(namespaces.map((namespace) => listIn(cluster, kind, namespace)))
  const read = namespaces.filter((_, index) => parts[index] && 'ok' in parts[index])
  const items = parts.flatMap((part) => ('ok' in part ? part.ok : []))
  const rest = read.length === 0 ? 'left out' : `read in ${read.join(', ')} only`
  return { list, items, failure, remark: `${failure.detail}; ${rest}` }
}

async function listIn(
  { client, signal }: ClusterToRead,
  {
    resource,
    versions = [undefined],
  }: Omit<ClusterKind, 'versions'> & {
    readonly versions?: readonly (string | undefined)[]
  },
  namespace: string | undefined,
): Promise<Reply<readonly unknown[]>> {
  let last: Reply<readonly unknown[]> = { ok: [] }
  for (const version of versions) {
    const at = { resource, namespace, ...(version !== undefined && { version }) }
    const reply = await client.list(at, { signal })
    if ('ok' in reply) return { ok: reply.ok.items.map((item) => typed(resource, item)) }
    last = reply
    if (reply.failure.kind !== 'notFound') break
  }
  return last
}

/** Items of a list of Kubernetes' own kinds do not say what they are. */
function typed(resource: ResourceName, item: KubeObject): unknown {
  return { ...typeOf(resource), ...item }
}

/** The MeshConfig, and what the chart of port80 made of its values. */
async function readSettings(
  cluster: ClusterToRead,
): Promise<{ maps: readonly unknown[]; remarks: readonly string[] }> {
  const { client, config, signal } = cluster
  const at = { resource: 'configmaps', namespace: 'istio-system', name: 'istio' } as const
  const [mesh, ours] = await Promise.all([
    client.get(at, { signal }),
    config ? { maps: [], remarks: [] } : readOurConfigMaps(cluster),
  ])
  if ('ok' in mesh) return { ...ours, maps: [...ours.maps, typed('configmaps', mesh.ok)] }
  if (mesh.failure.kind === 'notFound') return ours
  const remark = `${mesh.failure.detail}; istio-system is taken for the root namespace of the mesh`
  return { ...ours, remarks: [...ours.remarks, remark] }
}

async function readOurConfigMaps({ client, signal, namespaces }: ClusterToRead) {
  const labels = { 'app.kubernetes.io/part-of': 'port80' }
  const resource = 'configmaps' as const
  const wide = await client.list({ resource, namespace: undefined, labels }, { signal })
  const replies =
    'ok' in wide
      ? [wide]
      : await Promise.all(
          namespaces.map((namespace) => client.list({ resource, namespace, labels }, { signal })),
        )
  const maps = replies.flatMap((reply) =>
    'ok' in reply ? reply.ok.items.map((item) => typed(resource, item)) : [],
  )
  const remarks =
    'ok' in wide || maps.length > 0
      ? []
      : [`${wide.failure.detail}; name the configuration with --config FILE`]
  return { maps, remarks }
}
