/** The values that only the chart's own objects know. Pure. */
import {
  boolean,
  closed,
  free,
  freeList,
  labels,
  oneOf,
  portNumber,
  replicas,
  string,
  words,
  type Properties,
  type Schema,
} from './shapes.ts'

function podsOf(): Schema {
  return closed({
    replicas,
    resources: free,
    topologySpreadConstraints: freeList,
    affinity: free,
    priorityClassName: string,
    podLabels: labels,
    podAnnotations: labels,
    podDisruptionBudget: boolean,
    serviceAccountAnnotations: labels,
  })
}

export function routes(): Schema {
  const parent = closed({ name: string, namespace: string, sectionName: string, port: portNumber }, [
    'name',
    'sectionName',
  ])
  return closed({
    kind: oneOf('istio', 'gatewayApi', 'none'),
    anyHost: boolean,
    extraHosts: { ...words, items: { type: 'string', pattern: '^[a-z0-9.-]+$' } },
    istio: closed({
      namespace: oneOf('gateway', 'release'),
      port: portNumber,
      gateways: { ...words, items: { type: 'string', pattern: '^[a-z0-9-]+/[a-z0-9.-]+$' } },
      gatewayInEachNamespace: boolean,
      exportTo: words,
    }),
    gatewayApi: closed({ parentRefs: { type: 'array', items: parent }, namespace: string }),
  })
}

function monitoring(): Schema {
  const monitor = closed({ enabled: boolean, labels, interval: string })
  return closed({
    scrapeAnnotations: boolean,
    podMonitor: monitor,
    serviceMonitor: monitor,
    prometheusRule: closed({ enabled: boolean, labels, without: words }),
    dashboard: closed({ enabled: boolean, labels }),
  })
}

/** Image, pods and Services. */
export const podValues = (): Properties => ({
  image: closed({
    repository: { ...string, minLength: 1 },
    tag: string,
    digest: string,
    pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  }),
  imagePullSecrets: { type: 'array', items: closed({ name: string }, ['name']) },
  nameOverride: string,
  fullnameOverride: string,
  commonLabels: labels,
  commonAnnotations: labels,
  pods: closed({
    labels,
    annotations: labels,
    env: freeList,
    nodeSelector: labels,
    tolerations: freeList,
    securityContext: free,
    containerSecurityContext: free,
  }),
  responderPods: podsOf(),
  workerPods: podsOf(),
  service: closed({
    port: portNumber,
    type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'),
    annotations: labels,
  }),
})

/** What stands around them. */
export const surroundings = (): Properties => ({
  mesh: closed({
    sidecar: oneOf('auto', 'inject', 'never'),
    excludeAdminPort: boolean,
    holdUntilProxyStarts: boolean,
    serviceEntry: closed({ create: boolean, hosts: words }),
    authorizationPolicy: closed({ create: boolean, principals: words }),
  }),
  networkPolicy: closed({
    enabled: boolean,
    adminFrom: freeList,
    apiServerTo: freeList,
    caPorts: { type: 'array', items: portNumber },
    egress: boolean,
  }),
  monitoring: monitoring(),
  test: closed({ enabled: boolean }),
})
