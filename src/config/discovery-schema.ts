/** Certificates that are wanted by objects of a cluster instead of by the file; off unless written. Pure. */
import { z } from 'zod'
import { podSelector } from './destination-schema.ts'
import { nameSchema as name } from './fields.ts'
import { labelName } from './kubernetes-schema.ts'

/** Without a default: whoever writes `all` gives a cluster-wide right with it. */
const namespaces = z
  .union([z.literal('all'), z.array(labelName).min(1).max(100)])
  .meta({ title: 'all, or a list of namespaces such as [shop, blog]' })

const source = (kind: string) =>
  z
    .strictObject({
      namespaces: namespaces.describe(
        `Where the ${kind} are read; all takes the right to list and watch them in the whole cluster.`,
      ),
    })
    .describe(`${kind} that carry the label or annotation port80.io/managed: "true".`)

const port = (fallback: number, text: string) =>
  z.int().min(1).max(65_535).prefault(fallback).meta({ title: 'a port from 1 to 65535', description: text })

const gateway = z
  .strictObject({
    selector: podSelector
      .optional()
      .describe(
        'Labels of the gateway pods of objects that do not say it. An Istio Gateway has its own selector; for a Gateway of the Gateway API it is the label gateway.networking.k8s.io/gateway-name when left out.',
      ),
    namespaces: z
      .array(labelName)
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Where gateway pods are looked for, and where a Secret may be written. Left out: in every namespace, which takes the right to list pods and to write Secrets in the whole cluster.',
      ),
    httpPort: port(80, 'Port on which those pods listen for plain http.'),
    httpsPort: port(443, 'Port on which those pods listen for https.'),
  })
  .describe('The gateways whose objects are found.')

export const discovery = z
  .strictObject({
    istio: source('Gateways of Istio').optional(),
    gatewayApi: source('Gateways of the Gateway API').optional(),
    gateway: gateway.prefault({}),
    issuer: name
      .optional()
      .describe(
        'Issuer of what is found, where the object has no annotation port80.io/issuer. Left out: the one of certificates without an issuer.',
      ),
    fallbackIssuer: name
      .optional()
      .describe('Fallback issuer of what is found, where the object has no annotation for it.'),
  })
  .describe('Certificates that Gateways of the cluster ask for, beside those of the file.')

export type DiscoveryConfig = z.output<typeof discovery>
