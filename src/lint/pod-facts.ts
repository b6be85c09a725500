/** Pods, and the pods that a workload would make, as far as lint looks at them. Pure. */
import { z } from 'zod'
import { podSpec, workloadSpec } from './core-specs.ts'
import { labels, list, maybe, text } from './lenient.ts'
import type { PodFacts, Ref } from './objects.ts'

/** Kinds of `apps/v1` that keep pods running. */
export const workloadKinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** Of the sidecar and of a gateway alike; as an init container where Kubernetes knows native sidecars. */
const proxyName = 'istio-proxy'
const injectLabel = 'sidecar.istio.io/inject'

const pod = z.object({
  metadata: z.object({ labels, annotations: labels, deletionTimestamp: text }),
  spec: podSpec,
  status: maybe(z.object({ phase: text, conditions: list(z.object({ type: text, status: text })) })),
})
const workload = z.object({ spec: workloadSpec })

/** Empty for a pod that has ended, a string naming the place when it cannot be read. */
export function podFacts(object: unknown, ref: Ref): readonly PodFacts[] | string {
  const parsed = pod.safeParse(object)
  if (!parsed.success) return placeOf(parsed.error)
  const { metadata, spec, status } = parsed.data
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return []
  const isReady = status?.conditions.some((each) => each.type === 'Ready' && each.status === 'True')
  return [
    {
      ...factsOf(ref, metadata, spec),
      // A pod in a file has no status, and is not injected yet.
      ...(status ? { sidecar: hasProxy(spec) } : foretold(metadata, spec)),
      ...(status && { ready: isReady === true && metadata.deletionTimestamp === '' }),
    },
  ]
}

/** Of the template; one entry, however many replicas. */
export function templateFacts(object: unknown, ref: Ref): readonly PodFacts[] | string {
  const parsed = workload.safeParse(object)
  if (!parsed.success) return placeOf(parsed.error)
  const { metadata, spec } = parsed.data.spec.template
  const meta = metadata ?? { labels: {}, annotations: {} }
  return [{ ...factsOf(ref, meta, spec), ...foretold(meta, spec) }]
}

type Spec = z.output<typeof podSpec>
type Meta = Pick<PodFacts, 'labels' | 'annotations'>

function factsOf(ref: Ref, { labels, annotations }: Meta, spec: Spec): Omit<PodFacts, 'sidecar' | 'ready'> {
  const ports = [...spec.containers, ...spec.initContainers].flatMap((each) => each.ports)
  return {
    ...{ ref, labels, annotations, serviceAccount: spec.serviceAccountName },
    ports: ports.map(({ name, containerPort }) => ({ name, number: containerPort })),
  }
}

function hasProxy({ containers, initContainers }: Spec): boolean {
  return [...containers, ...initContainers].some(({ name }) => name === proxyName)
}

/** What is certain before it is injected: a gateway's container is there already, and `false` forbids a sidecar. */
function foretold(meta: Meta, spec: Spec): Pick<PodFacts, 'sidecar'> {
  if (hasProxy(spec)) return { sidecar: true }
  const inject = meta.labels[injectLabel] ?? meta.annotations[injectLabel]
  return inject === 'false' ? { sidecar: false } : {}
}

function placeOf(error: z.ZodError): string {
  return (error.issues[0]?.path ?? []).map(String).join('.')
}
