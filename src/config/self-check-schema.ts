/** The last look before the CA is asked: off, through one URL, or through every gateway pod. Pure. */
import { z } from 'zod'
import { durationSchema as duration, selfCheckUrlSchema } from './fields.ts'

export const defaultFrontDoor = 'http://{identifier}/.well-known/acme-challenge/{token}'

const look = z
  .strictObject({
    url: selfCheckUrlSchema.optional().meta({
      default: defaultFrontDoor,
      description:
        'URL of the front door; {identifier} and {token} are filled in. The Host header is always the identifier.',
    }),
    gateways: z.literal(true).optional().meta({
      title: 'true',
      description:
        'Instead of a URL: through each ready pod of the gateways of the certificate, with the identifier as Host.',
    }),
    timeout: duration('10s', 'How long the front door may take to give the right answer.', {
      min: '10ms',
      max: '10m',
    }),
  })
  .refine(({ url, gateways }) => url === undefined || gateways === undefined, {
    message: 'has both url and gateways; write one of the two',
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .transform(({ url = defaultFrontDoor, gateways, timeout }): FrontDoorConfig =>
    gateways ? { gateways, timeout } : { url, timeout },
  )

/** `timeout` in milliseconds. */
export type FrontDoorConfig =
  | { readonly url: string; readonly timeout: number; readonly gateways?: undefined }
  | { readonly gateways: true; readonly timeout: number; readonly url?: undefined }

export const selfCheck = z.union([z.literal('off'), look])
