/** Proof of serving: what gateways show on 443 for the certificates of the file, and for others that are only watched. Pure. */
import { z } from 'zod'
import { podSelector } from './destination-schema.ts'
import {
  durationSchema as duration,
  hostSchema,
  nameSchema,
  optionalDurationSchema as optionalDuration,
} from './fields.ts'
import { dnsIdentifier } from './identifier.ts'
import { labelName } from './kubernetes-schema.ts'

const httpsPort = (text: string) =>
  z.int().min(1).max(65_535).prefault(443).meta({ title: 'a port from 1 to 65535', description: text })

const look = z.strictObject({
  deadline: duration(
    '60s',
    'How long a gateway may take to serve an installed pair. Then the last good pair is put back where no pod took the new one, and a finding says so.',
    { min: '1s', max: '1h' },
  ),
  every: duration('10m', 'How often all that is served is looked at; stretched a little at random.', {
    min: '1s',
    max: '24h',
  }),
  address: hostSchema.optional().meta({
    title: 'an IP address such as 127.0.0.1, or a host name',
    description:
      'Address of the gateway that reads the folders of `destinations`. Without it only gateways of Secrets are looked at, whose pods are known.',
  }),
  port: httpsPort('Port of `address`.'),
})

export const proof = z.union([z.literal('off'), look])

const gateway = z
  .strictObject({
    namespaces: z.array(labelName).min(1).max(100).describe('Where its pods are looked for.'),
    selector: podSelector.describe('Labels of its pods, as in spec.selector of the Istio Gateway.'),
    httpsPort: httpsPort('Port on which the pods listen for https.'),
  })
  .describe('A gateway, each ready pod of which is asked.')

const observed = z
  .strictObject({
    name: nameSchema.describe('Name in status and metrics. Stands once.'),
    host: dnsIdentifier.describe('The name that is asked for (SNI).'),
    address: hostSchema.optional().meta({
      title: 'an IP address such as 127.0.0.1, or a host name',
      description: 'Where it is asked; the host itself when left out.',
    }),
    port: httpsPort('Port of the address.'),
    gateway: gateway.optional(),
    warnBefore: optionalDuration(
      '21d',
      'Warn when this much is left. Without it: 21 days, or a third of the lifetime where that is less.',
      { min: '1s', max: '3650d' },
    ),
  })
  .refine(({ address, gateway: other }) => address === undefined || other === undefined, {
    message: 'has both address and gateway; write one of the two',
    when: ({ value }) => typeof value === 'object' && value !== null,
  })

export const observe = z
  .array(observed)
  .max(500)
  .refine((all) => new Set(all.map((each) => each?.name)).size === all.length, {
    message: 'has a name twice; give each a name of its own',
    when: ({ value }) => Array.isArray(value),
  })

export type ProofConfig = z.output<typeof proof>
export type ObservedConfig = z.output<typeof observed>
