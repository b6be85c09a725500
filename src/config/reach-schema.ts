/** The looks at the way of the CA to port 80: before an order, and from time to time. Pure. */
import { isIP } from 'node:net'
import { z } from 'zod'
import { durationSchema as duration } from './fields.ts'

export const preflightPolicies = ['require', 'warn', 'off'] as const

/** Top level and per issuer. */
export const preflightPolicy = z.enum(preflightPolicies)
export type PreflightPolicy = z.infer<typeof preflightPolicy>

const canaryEvery = '5m'

const canaryObject = z.strictObject({
  every: duration(
    canaryEvery,
    'Each host is looked at this often, at moments of its own; with so many hosts that this would be more than 5 looks a second, less often.',
    { min: '1s', max: '7d' },
  ),
})

export const canary = z.union([z.literal('off'), canaryObject])
/** `every` in milliseconds. */
export type CanaryConfig = z.output<typeof canary>

/** That of the issuer, else that of the file. */
export function policyOf(
  config: {
    readonly issuers: Readonly<Record<string, { readonly preflight?: PreflightPolicy | undefined }>>
    readonly preflight: PreflightPolicy
  },
  issuer: string,
): PreflightPolicy {
  const own = Object.hasOwn(config.issuers, issuer) ? config.issuers[issuer]?.preflight : undefined
  return own ?? config.preflight
}

/** `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`: what dns.Resolver.setServers takes. */
const resolver = z
  .string()
  .max(60)
  .superRefine((text, context) => {
    if (isIP(text) !== 0) return
    const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
    const address = six === undefined ? isIP(four ?? '') === 4 : isIP(six) === 6
    if (address && Number(port) >= 1 && Number(port) <= 65_535) return
    context.addIssue('is no DNS server; write an IP address, with a port or without, such as 192.0.2.53:5353')
  })
  .meta({ title: 'an IP address, with a port or without, such as 192.0.2.53 or [2001:db8::53]:5353' })

export const resolvers = z.array(resolver).min(1).max(8)

export const caaIdentities = z
  .array(
    z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?$/)
      .meta({ title: 'the name of a CA in CAA records, such as ca.example.net' }),
  )
  .min(1)
  .max(10)
  .describe(
    "Names by which this CA goes in CAA records; a name whose records forbid them is told of (P80-311). Let's Encrypt, Google, ZeroSSL and SSL.com are known; of others CAA is not judged when left out.",
  )
