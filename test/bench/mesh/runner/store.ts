/** What the runner knows of the cluster: followed, kept by name, and told on to whoever depends on it. */
import type { V1ConfigMap, V1EndpointSlice, V1Secret, V1Service } from '@kubernetes/client-node'
import type { Api, ApiObject } from './api.ts'
import type { Sources } from './environment.ts'

export interface ClusterView {
  sources(namespace: string): Sources
  services(): readonly V1Service[]
  slices(): readonly V1EndpointSlice[]
}

export interface ViewFollowers {
  /** A ConfigMap or a Secret of that namespace. */
  configChanged(namespace: string): void
  servicesChanged(): void
}

export function followCluster(api: Api, followers: ViewFollowers): ClusterView {
  const configChanged = ({ metadata }: ApiObject) => followers.configChanged(metadata?.namespace ?? '')
  const configMaps = kept<V1ConfigMap & ApiObject>(api, '/api/v1/configmaps', configChanged)
  const secrets = kept<V1Secret & ApiObject>(api, '/api/v1/secrets', configChanged)
  const services = kept<V1Service & ApiObject>(api, '/api/v1/services', () => followers.servicesChanged())
  const slices = kept<V1EndpointSlice & ApiObject>(api, '/apis/discovery.k8s.io/v1/endpointslices', () =>
    followers.servicesChanged(),
  )
  return {
    sources: (namespace) => ({
      configMap(name) {
        const found = configMaps.get(`${namespace}/${name}`)
        return found && { ...buffers(found.data, 'utf8'), ...buffers(found.binaryData, 'base64') }
      },
      secret(name) {
        const found = secrets.get(`${namespace}/${name}`)
        return found && buffers(found.data, 'base64')
      },
    }),
    services: () => [...services.values()],
    slices: () => [...slices.values()],
  }
}

function kept<T extends ApiObject>(
  api: Api,
  path: string,
  changed: (object: T) => void,
): ReadonlyMap<string, T> {
  const known = new Map<string, T>()
  api.follow<T>(path, (object, gone) => {
    const key = `${object.metadata?.namespace}/${object.metadata?.name}`
    // A deletion that is told late must not take the successor with it.
    if (!gone) known.set(key, object)
    else if (known.get(key)?.metadata?.uid === object.metadata?.uid) known.delete(key)
    changed(object)
  })
  return known
}

function buffers(
  data: Readonly<Record<string, string>> | undefined,
  encoding: BufferEncoding,
): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)]),
  )
}
