/**
 * The configuration file: one definition that gives the types, the defaults, the JSON Schema (`port80 config schema`)
 * and the texts of docs/configuration.md. Pure. The `title` of a setting is what a right value looks like (a fault says
 * "write …" before it; kinds without one are named from their type); its `description` is what the reader is told.
 * What one setting means for another is checked in cross-checks.ts.
 */
import { z } from 'zod'
import {
  cidrSchema as cidr,
  durationSchema as duration,
  nameSchema as name,
  optionalDurationSchema as optionalDuration,
  pathSchema as path,
  portSchema as port,
} from './fields.ts'
import { destination } from './destination-schema.ts'
import { discovery } from './discovery-schema.ts'
import { dnsIdentifier } from './identifier.ts'
import { kubernetes, responders, store } from './kubernetes-schema.ts'
import { limits } from './limits-schema.ts'
import { listeners } from './listeners-schema.ts'
import { caaIdentities, canary, preflightPolicy, resolvers } from './reach-schema.ts'
import { lint } from './lint-schema.ts'
import { observe, proof } from './proof-schema.ts'
import { selfCheck } from './self-check-schema.ts'
import { worker } from './worker-schema.ts'

export type { DestinationConfig } from './destination-schema.ts'

export const keyTypes = ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const
export const keyTypeSchema = z.enum(keyTypes)
export type KeyType = z.infer<typeof keyTypeSchema>

/** The issuer of a certificate that names none: mistakes cost nothing there. Production is chosen by name. */
export const defaultIssuer = 'letsencrypt-staging'

export const defaultKeyType: KeyType = 'ecdsa-p256'
/** base64url, as RFC 8555 §7.3.4 has it; CAs that print plain base64 are met too, since Node decodes both. */
export const hmacKeyPattern = /^[A-Za-z0-9_+/-]+={0,2}$/

const externalAccount = z
  .strictObject({
    keyId: z
      .string()
      .min(1)
      .max(1_000)
      .meta({ title: 'the key identifier that the CA gave you', description: 'Key identifier from the CA.' }),
    hmacKey: z.string().regex(hmacKeyPattern).optional().meta({
      title: 'the HMAC key in base64url, as the CA gave it',
      description: 'The HMAC key in the file itself. Prefer hmacKeyFile; never shown.',
      writeOnly: true,
    }),
    hmacKeyFile: path('/etc/port80/hmac-key')
      .optional()
      .describe(
        'A file that holds nothing but the HMAC key, in base64url. Exactly one of the two is needed.',
      ),
  })
  .refine((value) => (value.hmacKey === undefined) !== (value.hmacKeyFile === undefined), {
    message: 'does not have exactly one of hmacKey and hmacKeyFile; write one of the two',
    // Also beside other faults: every fault is told at once.
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .describe('External account binding (RFC 8555 §7.3.4), for CAs that ask for it.')

const issuer = z.strictObject({
  directory: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'the URL of an ACME directory, such as https://acme.example.com/directory',
      description:
        'Where the CA is: https, or http on this machine. Left out for the known names letsencrypt-staging and letsencrypt.',
    }),
  email: z.email().optional().meta({
    title: 'an e-mail address such as ops@example.com',
    description: 'Contact address of the account; the CA may write to it.',
  }),
  externalAccount: externalAccount.optional(),
  profile: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('ACME profile for every order of this issuer, such as tlsserver or shortlived.'),
  preferredChain: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'Common name of the root or topmost issuer of the chain to install, among the alternates the CA offers.',
    ),
  caBundle: path('/etc/port80/private-ca.pem')
    .optional()
    .describe('PEM file with roots that are trusted for talking to the CA itself (a private CA).'),
  accountKeyType: keyTypeSchema.prefault(defaultKeyType).describe('Key type of the ACME account.'),
  preflight: preflightPolicy.optional().describe('Overrides the preflight of the file for this issuer.'),
  caaIdentities: caaIdentities.optional(),
  limits: limits.optional(),
})

const renewal = z.strictObject({
  ari: z.boolean().prefault(true).describe('Ask the CA when to renew (RFC 9773) and follow it.'),
  renewBefore: optionalDuration(
    '20d',
    'Renew when this much is left. Without it (and without an answer from the CA): when a third of the lifetime is left, or half of one under 10 days.',
    { min: '1s', max: '3650d' }, // compared with the clock, never slept
  ),
})

const redirectStatus = z.union([z.literal(301), z.literal(302), z.literal(308)])

const certificate = z.strictObject({
  name: name.describe('Name of the certificate: in file names, commands, metrics and status. Stands once.'),
  domains: z
    .array(dnsIdentifier)
    .min(1)
    .max(100)
    .describe(
      'The names in the certificate: DNS names (no wildcards: HTTP-01 cannot validate them) or IP addresses.',
    ),
  issuer: name
    .prefault(defaultIssuer)
    .describe('Name of an issuer: a known one or one of the file. letsencrypt is the production CA.'),
  fallbackIssuer: name
    .optional()
    .describe('Name of the issuer to use after three failures of the first in a row.'),
  keyType: keyTypeSchema.prefault(defaultKeyType).describe('Type of the private key.'),
  reuseKey: z
    .boolean()
    .prefault(false)
    .describe('Keep the private key on renewal instead of making a new one.'),
  profile: z.string().min(1).max(100).optional().describe('ACME profile; overrides the one of the issuer.'),
  renewal: renewal.prefault({}).describe('When to renew.'),
  redirect: z
    .strictObject({
      status: redirectStatus
        .optional()
        .describe('Status of the redirect for the domains of this certificate: 301, 302 or 308.'),
    })
    .optional()
    .describe('Overrides the redirect of the file for the domains of this certificate.'),
  destinations: z.array(destination).min(1).optional().describe('Overrides the destinations of the file.'),
})

const redirect = z.strictObject({
  by: z
    .enum(['port80', 'gateway'])
    .prefault('port80')
    .describe(
      'Who redirects. gateway: Envoy does, by routes that send only the challenge prefix here, and a redirect status that an object of discovery asks for is told as ignored. port80 answers whatever gets to it all the same.',
    ),
  status: redirectStatus
    .prefault(301)
    .describe('Status of the redirect: 301, 302, or 308 (keeps method and body).'),
  hosts: z
    .enum(['any', 'configured'])
    .prefault('any')
    .describe(
      'any: every valid host is redirected; configured: only the domains of the certificates, 404 for others.',
    ),
  httpsPort: port
    .min(1)
    .prefault(443)
    .meta({ title: 'a port from 1 to 65535', description: 'Port in the Location; 443 is left out of it.' }),
  trustForwardedProto: z
    .array(cidr)
    .prefault([])
    .describe(
      'Addresses of proxies whose X-Forwarded-Proto: https is believed; such a request is answered 421 with the reason instead of a redirect loop.',
    ),
  maxAge: duration(
    '1h',
    'Cache-Control max-age of the redirect, so that a mistake heals; 0s sends no-store.',
    { max: '365d' }, // told to clients, never slept
  ),
})

const log = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .prefault('info')
    .describe('debug also logs each redirect.'),
  format: z.enum(['json', 'text']).prefault('json').describe('json: one object a line; text: for people.'),
})

export const configSchema = z
  .strictObject({
    issuers: z.record(name, issuer).prefault({}).describe('ACME CAs by name.'),
    certificates: z.array(certificate).prefault([]).describe('The certificates that are wanted.'),
    destinations: z
      .array(destination)
      .min(1)
      .prefault([{ directory: './port80-certificates' }])
      .describe('Where the pairs of every certificate go, unless it names its own.'),
    kubernetes: kubernetes.prefault({}),
    store: store.prefault({}),
    responders: responders.optional(),
    discovery: discovery.optional(),
    redirect: redirect.prefault({}).describe('What happens to everything that is no challenge.'),
    listeners: listeners.prefault({}).describe('Ports, time-outs and limits.'),
    selfCheck: selfCheck.prefault({}).meta({
      title: 'off, or an object with url (or gateways: true) and timeout',
      description: 'The last look, through the front door, before the CA is asked.',
    }),
    preflight: preflightPolicy
      .prefault('warn')
      .describe(
        'The look before the first order of a name, without the CA: require places no order while the name cannot be validated, warn orders all the same and shows why it will fail, off does not look. With selfCheck.gateways each gateway pod is asked (inside); and each public address of the name (outside), at the port of selfCheck.url. A url with a host of its own is asked instead of the addresses, and with selfCheck off nobody looks.',
      ),
    canary: canary.prefault({}).meta({
      title: 'off, or an object with every',
      description: 'The same look at every name from time to time, on the same ways.',
    }),
    resolvers: resolvers
      .optional()
      .describe(
        'DNS servers that preflight, canary and check ask for addresses and CAA, and the self-check for addresses; those of the system when left out. The first that answers has the last word, so name none that knows other answers than the public ones. Write public ones where the cluster has a DNS of its own: what these say is taken for what the CA hears, and a private address that does not answer is an error then, not a warning (P80-312).',
      ),
    proof: proof.prefault({}).meta({
      title: 'off, or an object with deadline, every, address and port',
      description:
        'Whether gateways serve what was installed: each ready pod of the gateways of Secrets is asked on its https port, and `address` where there is one. A pod that takes no connection there is told as P80-405, which says that nobody knows, and alerts nobody; with folders alone and no address nobody looks.',
    }),
    observe: observe
      .prefault([])
      .describe('Certificates that nobody here manages, watched on the same schedule.'),
    lint,
    worker: worker.prefault({}).describe('Bounds of the worker.'),
    log: log.prefault({}).describe('Logging.'),
  })
  .describe('port80 configuration')

/** As written in the file. */
export type ConfigInput = z.input<typeof configSchema>
/** With every default filled in; durations are milliseconds. */
export type Config = z.output<typeof configSchema>
export type IssuerConfig = Config['issuers'][string]
export type CertificateConfig = Config['certificates'][number]
export type RedirectConfig = Config['redirect']
export type PublicListenerConfig = Config['listeners']['public']
export type SelfCheckConfig = Config['selfCheck']
