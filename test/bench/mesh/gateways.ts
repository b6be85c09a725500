/** Some gateway pods of one kind, with the Service, the account and the rights that Istio's own chart gives them. */
import { startGateway, type Gateway, type GatewayWorld } from './gateway.ts'

export interface Gateways {
  /** Where the pods are, and so the Secrets that they serve. */
  readonly namespace: string
  /** For `spec.selector` of an Istio Gateway. */
  readonly selector: Readonly<Record<string, string>>
  /** Name of the Service in that namespace. */
  readonly service: string
  readonly pods: readonly Gateway[]
  /** One more pod. */
  add(): Promise<Gateway>
  remove(): Promise<void>
}

export interface GatewaysOptions {
  /** Made when it is not there. */
  readonly namespace: string
  /** Value of the label `istio`; `ingressgateway` unless given. */
  readonly label?: string
  /** Pods; 2 unless given. */
  readonly count?: number
}

const service = 'istio-ingressgateway'
const serviceAccount = 'istio-ingressgateway-service-account'

export async function startGateways(world: GatewayWorld, options: GatewaysOptions): Promise<Gateways> {
  const { namespace, label = 'ingressgateway', count = 2 } = options
  const selector = { istio: label }
  await makeObjects(world, namespace, selector)
  const pods: Gateway[] = []
  let made = 0
  const add = async () => {
    const name = `${service}-${++made}`
    const labels = { app: service, ...selector }
    const gateway = await startGateway(world, { namespace, name, labels, serviceAccount })
    pods.push(gateway)
    return gateway
  }
  await Promise.all(Array.from({ length: count }, add))
  pods.sort((a, b) => a.name.localeCompare(b.name))
  return {
    ...{ namespace, selector, service, pods, add },
    async remove() {
      await Promise.all(pods.splice(0).map((pod) => pod.remove()))
    },
  }
}

async function makeObjects({ must }: GatewayWorld, namespace: string, selector: object): Promise<void> {
  const core = `/api/v1/namespaces/${namespace}`
  const group = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
  await must('GET', core).catch(() => must('POST', '/api/v1/namespaces', { metadata: { name: namespace } }))
  const metadata = { name: serviceAccount }
  await must('POST', `${core}/serviceaccounts`, { metadata })
  // Without it istiod answers "not authorized to read secrets", remembers that, and the listeners wait for the Secret.
  const verbs = ['get', 'watch', 'list']
  await must('POST', `${group}/roles`, {
    metadata,
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs }],
  })
  await must('POST', `${group}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: serviceAccount },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
  })
  const ports = Object.entries({ 'status-port': 15021, http2: 80, https: 443 })
  await must('POST', `${core}/services`, {
    metadata: { name: service, labels: selector },
    spec: { selector, ports: ports.map(([name, port]) => ({ name, port, targetPort: port })) },
  })
}
