/** What a Service is to the pods: a name, and an address that leads to one of its endpoints (kube-proxy's part). Pure. */
import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node'

export interface ServiceView {
  readonly service: V1Service
  readonly slices: readonly V1EndpointSlice[]
}

/** Each Service with its EndpointSlices. */
export function serviceViews(
  services: readonly V1Service[],
  slices: readonly V1EndpointSlice[],
): ServiceView[] {
  const idOf = (namespace = '', name = '') => `${namespace}/${name}`
  const byService = Map.groupBy(slices, ({ metadata }) =>
    idOf(metadata?.namespace, metadata?.labels?.['kubernetes.io/service-name']),
  )
  return services.map((service) => ({
    service,
    slices: byService.get(idOf(service.metadata?.namespace, service.metadata?.name)) ?? [],
  }))
}

interface Target {
  readonly address: string
  readonly port: number
}

/** Ready endpoints of that Service port; those that end but still serve when no other is left, as kube-proxy does. */
function targets(slices: readonly V1EndpointSlice[], portName: string): readonly Target[] {
  const all = slices.flatMap(({ endpoints, ports }) =>
    (ports ?? [])
      .filter((port) => (port.name ?? '') === portName && port.port !== undefined)
      .flatMap((port) =>
        (endpoints ?? []).map(({ addresses, conditions }) => ({
          ready: conditions?.ready !== false,
          serving: conditions?.serving !== false,
          target: { address: addresses[0] ?? '', port: port.port ?? 0 },
        })),
      ),
  )
  const ready = all.filter((one) => one.ready)
  return (ready.length > 0 ? ready : all.filter((one) => one.serving)).map(({ target }) => target)
}

const table = 'cluster-services'

/** For `nft -f -`, in the namespace that routes between the pods; replaces what was there in one transaction. */
export function translation(views: readonly ServiceView[]): string {
  const rules = views.flatMap(({ service, slices }) => {
    const { clusterIP, ports = [] } = service.spec ?? {}
    if (!clusterIP || clusterIP === 'None') return []
    return ports.flatMap(({ name = '', port, protocol = 'TCP' }) => {
      const to = targets(slices, name)
      // Without an endpoint the address stays as it is, and the router says "unreachable" at once.
      if (to.length === 0) return []
      const map = to.map(({ address, port }, index) => `${index} : ${address} . ${port}`).join(', ')
      const match = `ip daddr ${clusterIP} ${protocol.toLowerCase()} dport ${port}`
      return [`    ${match} dnat ip to numgen random mod ${to.length} map { ${map} }`]
    })
  })
  // The sender becomes the router: pods are neighbours, and an answer that went straight back would not be known there.
  return `table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain prerouting {
    type nat hook prerouting priority dstnat
${rules.join('\n')}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    ct status dnat masquerade
  }
}
`
}

/** Every name below the cluster's domain (https://github.com/kubernetes/dns/blob/master/docs/specification.md). */
export function serviceNames(
  views: readonly ServiceView[],
  clusterDomain: string,
): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>()
  for (const { service, slices } of views) {
    const { clusterIP, publishNotReadyAddresses = false } = service.spec ?? {}
    const name = `${service.metadata?.name}.${service.metadata?.namespace}.svc.${clusterDomain}`
    if (clusterIP !== 'None') {
      if (clusterIP) names.set(name, [clusterIP])
      continue
    }
    const shown = slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => publishNotReadyAddresses || conditions?.ready !== false)
    names.set(name, [...new Set(shown.flatMap(({ addresses }) => addresses))])
    for (const { addresses, hostname } of shown)
      names.set(`${hostname ?? addresses[0]?.replaceAll('.', '-')}.${name}`, addresses)
  }
  return names
}
