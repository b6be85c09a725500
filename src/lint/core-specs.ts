/** The parts of Kubernetes' own objects that lint looks at. Pure. */
import { z } from 'zod'
import { flag, labels, list, maybe, portNumber, text, textOr } from './lenient.ts'

const targetPort = z.union([z.number(), z.string()]).nullish()

export const serviceSpec = z.object({
  selector: labels,
  type: textOr('ClusterIP'),
  clusterIP: text,
  ports: list(
    z.object({
      name: text,
      port: portNumber,
      protocol: textOr('TCP'),
      appProtocol: text,
      targetPort: targetPort.transform((value) => value ?? undefined),
    }),
  ),
})

const container = z.object({
  name: text,
  ports: list(z.object({ name: text, containerPort: portNumber })),
})

/** Of a pod, and of the template of a workload. */
export const podSpec = z.object({
  serviceAccountName: textOr('default'),
  hostNetwork: flag,
  containers: list(container),
  initContainers: list(container),
})

export const templateMeta = maybe(z.object({ labels, annotations: labels }))

export const workloadSpec = z.object({
  replicas: z.number().nullish(),
  template: z.object({ metadata: templateMeta, spec: podSpec }),
})

const words = list(z.string())
export const policyRules = list(
  z.object({ apiGroups: words, resources: words, resourceNames: words, verbs: words }),
)

export const roleRef = z.object({ apiGroup: text, kind: text, name: text })
export const subjects = list(z.object({ kind: text, name: text, namespace: text }))
