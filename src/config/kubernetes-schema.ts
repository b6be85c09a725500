/** The sections that concern a cluster: how it is reached, what is kept there, and who answers in it. Pure. */
import { z } from 'zod'
import { durationSchema as duration, pathSchema as path } from './fields.ts'

/** A name of most objects: a DNS label (RFC 1123). */
export const labelName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
  .meta({ title: 'a name of lower-case letters, digits and hyphens, at most 63, such as istio-system' })

/** A name of a Secret: dots too, at most 253. */
export const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/)
  .meta({ title: 'a name of lower-case letters, digits, hyphens and dots, at most 253, such as book-tls' })

export const kubernetes = z
  .strictObject({
    kubeconfig: path('/home/me/.kube/config')
      .optional()
      .describe(
        'The kubeconfig file. Left out: the ServiceAccount in a pod, otherwise $KUBECONFIG or ~/.kube/config.',
      ),
    context: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .meta({ title: 'a context of the kubeconfig' })
      .describe('The context of the kubeconfig; its current one when left out.'),
    clusterDomain: z
      .string()
      .max(253)
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/)
      .prefault('cluster.local')
      .meta({ title: 'a DNS domain such as cluster.local' })
      .describe('Domain of the names of Services in the cluster.'),
  })
  .describe('How the API server is reached. `kubernetes: {}` is enough in a pod and beside kubectl.')

const lease = z
  .strictObject({
    name: labelName.prefault('port80-worker').describe('Name of the Lease; one for all workers of a store.'),
    duration: duration(
      '15s',
      'How long others wait after the last sign of life of the leader; whole seconds.',
      { min: '1s', max: '1h' },
    ),
    renewDeadline: duration('10s', 'A leader that could not renew for this long stops leading.', {
      min: '100ms',
      max: '1h',
    }),
    retryPeriod: duration('2s', 'Time between two renewals.', { min: '50ms', max: '1h' }),
  })
  .describe('Which of the workers leads.')

export const kubernetesStore = z
  .strictObject({
    namespace: labelName
      .optional()
      .describe(
        'Namespace of the objects. Left out: that of the pod, or of the context. Account keys are in it: not the namespace of a gateway.',
      ),
    lease: lease.prefault({}),
  })
  .describe('Instead of a folder: objects of a namespace, shared by any number of responders and workers.')

const defaultFolder = './port80-state'

export const store = z
  .strictObject({
    directory: path('/var/lib/port80/state').optional().meta({
      default: defaultFolder,
      description:
        'Folder for account keys, orders, attempts, pairs and tokens (0700). Share it and every process answers tokens. A change takes effect at the next start.',
    }),
    kubernetes: kubernetesStore.optional(),
  })
  .refine(({ directory, kubernetes: cluster }) => directory === undefined || cluster === undefined, {
    message: 'has both directory and kubernetes; write one of the two',
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .transform(({ directory, kubernetes: cluster }): StoreConfig =>
    cluster ? { kubernetes: cluster } : { directory: directory ?? defaultFolder },
  )
  .describe('The durable memory of the worker and the shared token store.')

export type KubernetesConfig = z.output<typeof kubernetes>
export type KubernetesStoreConfig = z.output<typeof kubernetesStore>
/** Exactly one of the two. */
export type StoreConfig =
  | { readonly directory: string; readonly kubernetes?: undefined }
  | { readonly kubernetes: KubernetesStoreConfig; readonly directory?: undefined }

export const responders = z
  .strictObject({
    service: labelName.describe(
      'Name of the headless Service over the responders, in the namespace of the store. Every ready endpoint is asked at its own address.',
    ),
    port: z.int().min(1).max(65_535).optional().meta({
      title: 'a port from 1 to 65535',
      description: 'Port that the responders listen on; that of listeners.public when left out.',
    }),
  })
  .describe(
    'Whom the worker asks for each token before the CA is asked. Without it: the public server of this process.',
  )
export type RespondersConfig = z.output<typeof responders>
