import t from 'tap'
import { isInPod } from '../../src/kube/in-pod.ts'

const rows = [
  { name: 'a container', environment: { KUBERNETES_SERVICE_HOST: '10.96.0.1' }, wanted: true },
  { name: 'one of an IPv6 cluster', environment: { KUBERNETES_SERVICE_HOST: 'fd00::1' }, wanted: true },
  { name: 'a laptop with a kubeconfig', environment: { KUBECONFIG: '/home/me/.kube/config' }, wanted: false },
  {
    name: 'a laptop where it is set to nothing',
    environment: { KUBERNETES_SERVICE_HOST: '' },
    wanted: false,
  },
]

for (const { name, environment, wanted } of rows) {
  t.test(name, async (t) => t.equal(isInPod(environment), wanted))
}
