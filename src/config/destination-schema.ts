/** Where issued pairs go: a folder, or Secrets beside the pods of a gateway. Pure. */
import { z } from 'zod'
import { pathSchema as path } from './fields.ts'
import { labelName, objectName } from './kubernetes-schema.ts'

const gatewayPort = (fallback: number, text: string) =>
  z.int().min(1).max(65_535).prefault(fallback).meta({ title: 'a port from 1 to 65535', description: text })

/** Labels as Kubernetes takes them (prefix/name: value). */
export const podSelector = z
  .record(
    z
      .string()
      .max(317)
      .regex(/^([a-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/)
      .meta({ title: 'the name of a label, such as istio' }),
    z
      .string()
      .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/)
      .meta({ title: 'the value of a label, such as ingressgateway' }),
  )
  .refine((labels) => Object.keys(labels).length > 0, {
    message: 'has no label, which is every pod; write at least one, such as istio: ingressgateway',
  })
  .meta({ title: 'labels such as {istio: ingressgateway}' })

const gateway = z
  .strictObject({
    namespaces: z
      .array(labelName)
      .min(1)
      .max(100)
      .describe('Where its pods are looked for; the Secret goes into those where a ready one runs.'),
    selector: podSelector.describe('Labels of its pods, as in spec.selector of the Istio Gateway.'),
    httpPort: gatewayPort(80, 'Port on which the pods listen for plain http.'),
    httpsPort: gatewayPort(443, 'Port on which the pods listen for https.'),
  })
  .describe('The gateway whose pods serve the certificate.')

const secret = z
  .strictObject({
    name: objectName
      .optional()
      .describe(
        'Name of the Secret, which is the credentialName of the Gateway; the name of the certificate when left out.',
      ),
    takeOver: z
      .boolean()
      .prefault(false)
      .meta({ title: 'true or false' })
      .describe(
        'true: write the Secret although another tool owns it, or though it holds a valid pair of somebody else.',
      ),
    gateway,
  })
  .describe('A TLS Secret that Istio hands to the gateway over SDS, instead of a folder.')

/** One of the two; each key of a folder only beside directory. */
export const destination = z
  .strictObject({
    directory: path('/var/lib/port80/certificates')
      .optional()
      .describe(
        'Folder for NAME/tls.crt, NAME/tls.key and NAME/sds.yaml (Envoy file SDS) of each certificate.',
      ),
    pathAsSeenByGateway: path('/etc/envoy/certificates')
      .optional()
      .describe('The same folder as the gateway sees it (a mount point), for the paths in sds.yaml.'),
    groupReadable: z.boolean().optional().meta({
      title: 'true or false',
      default: false,
      description: 'Files 0640 instead of 0600, for a gateway that runs as another user of the same group.',
    }),
    secret: secret.optional(),
  })
  .refine(({ directory, secret: other }) => (directory === undefined) !== (other === undefined), {
    message: 'does not have exactly one of directory and secret; write one of the two',
    // Also beside other faults: every fault is told at once.
    when: ({ value }) => isObject(value),
  })
  .refine((value) => value.secret === undefined || value.pathAsSeenByGateway === undefined, {
    path: ['pathAsSeenByGateway'],
    message: 'is for a folder; take it out beside secret',
    when: ({ value }) => isObject(value),
  })
  .refine((value) => value.secret === undefined || value.groupReadable === undefined, {
    path: ['groupReadable'],
    message: 'is for a folder; take it out beside secret',
    when: ({ value }) => isObject(value),
  })
  .transform(({ secret: wanted, directory = '', groupReadable = false, ...rest }): DestinationConfig => {
    if (wanted) return { secret: wanted }
    return { directory, groupReadable, ...rest }
  })
  .describe('Where issued pairs go.')

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

export interface DirectoryDestinationConfig {
  readonly directory: string
  readonly groupReadable: boolean
  readonly pathAsSeenByGateway?: string | undefined
  readonly secret?: undefined
}
export type GatewayConfig = z.output<typeof gateway>
export interface SecretDestinationConfig {
  readonly secret: z.output<typeof secret> & {
    /** Of what is found in the cluster (src/discovery): where the Secret goes, whatever pods run there. */
    readonly namespaces?: readonly string[]
  }
  readonly directory?: undefined
}
export type DestinationConfig = DirectoryDestinationConfig | SecretDestinationConfig
