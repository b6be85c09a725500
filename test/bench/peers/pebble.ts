/** Pebble, the CA: started as unkind as it is by default, each kindness an option. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startResolver, type Resolver } from './challtestsrv.ts'
import { startChild, type Child } from './child.ts'
import { httpsRequest } from './https-request.ts'
import { installed } from './install.ts'
import { loopback, placed, type Place } from './place.ts'
import { freePort } from './ports.ts'
import { writeTlsFiles, type TlsFiles } from './tls-root.ts'

export interface PebbleOptions {
  /** Where HTTP-01 is asked: the port that stands for port 80 of every name. */
  readonly httpPort: number
  /** Names under which its endpoint may be spoken to, beside its address. */
  readonly hosts?: readonly string[]
  /** Loopback unless given. */
  readonly place?: Place
  /** Where its own resolver runs, when it has a place of its own. */
  readonly resolverPlace?: Place
  /** Certificate lifetimes in seconds by profile; one profile `default` of 90 days unless given. */
  readonly profiles?: Readonly<Record<string, number>>
  /** base64url HMAC key by key identifier; given: an external account binding is required. */
  readonly externalAccounts?: Readonly<Record<string, string>>
  readonly blockedDomains?: readonly string[]
  /** Percentage of good nonces that are refused; Pebble's own 5 unless given. */
  readonly nonceReject?: number
  /** Validation waits a random number of seconds below this (0 is not at all); Pebble's own 5 unless given. */
  readonly validationSleep?: number
  /** Percentage of authorizations that are reused where one is valid; Pebble's own 50 unless given. */
  readonly authorizationReuse?: number
  readonly alternateRoots?: number
  readonly chainLength?: number
  /** Retry-After in seconds while an authorization or an order is polled. */
  readonly retryAfter?: { readonly authz: number; readonly order: number }
}

export interface Pebble extends Child {
  /** URL of the ACME directory. */
  readonly directoryUrl: string
  /** Host and port of the ACME endpoint. */
  readonly authority: string
  /** What its HTTPS endpoint presents and what a client must trust (nothing to do with what it issues). */
  readonly tls: TlsFiles
  readonly resolver: Resolver
  /** PEM of the issuing root; 0 is the default chain's, 1… the alternates'. */
  root(index?: number): Promise<string>
  intermediate(index?: number): Promise<string>
  /** `Valid` or `Revoked`, and the reason code; undefined for a serial that it never issued. */
  certificateStatus(serialHex: string): Promise<{ status: string; reason?: number } | undefined>
  /** From now on this is the renewal window of that certificate (RFC 9773 §4.2). */
  setRenewalWindow(leafPem: string, start: Date, end: Date): Promise<void>
  /** Serial numbers (lower-case hex) of everything issued, oldest first. */
  issued(): readonly string[]
}

/** Starts a resolver and Pebble; both end with `stop()`. */
export async function startPebble(directory: string, options: PebbleOptions): Promise<Pebble> {
  const { place = loopback } = options
  const tls = await writeTlsFiles(directory, { address: place.host, hosts: options.hosts ?? [] })
  const resolver = await startResolver(directory, options.resolverPlace)
  const port = await freePort()
  const management = await freePort()
  const file = join(directory, 'pebble.json')
  writeFileSync(
    file,
    JSON.stringify(
      { pebble: configuration(options, tls, { host: place.host, port, management }) },
      undefined,
      2,
    ),
  )
  const authority = `${place.host}:${port}`
  const directoryUrl = `https://${authority}/dir`
  const child = await startChild({
    name: 'pebble',
    directory,
    ...placed(place, (await installed('pebble')).path, ['-config', file, '-dnsserver', resolver.address]),
    env: environment(options),
    ready: async () => (await httpsRequest(directoryUrl, tls.root)).status === 200,
  })
  const ask = (path: string, body?: string) =>
    httpsRequest(`https://${place.host}:${management}${path}`, tls.root, body)
  return {
    ...child,
    directoryUrl,
    authority,
    tls,
    resolver,
    root: async (index = 0) => (await ask(`/roots/${index}`)).body,
    intermediate: async (index = 0) => (await ask(`/intermediates/${index}`)).body,
    async certificateStatus(serialHex) {
      const answer = await ask(`/cert-status-by-serial/${serialHex.toLowerCase()}`)
      if (answer.status === 404) return undefined
      const told = JSON.parse(answer.body) as { Status: string; Reason?: number }
      return { status: told.Status, ...(told.Reason === undefined ? {} : { reason: told.Reason }) }
    },
    async setRenewalWindow(leafPem, start, end) {
      const window = { suggestedWindow: { start: start.toISOString(), end: end.toISOString() } }
      const body = { certificate: leafPem, ariResponse: JSON.stringify(window) }
      const answer = await ask('/set-renewal-info/', JSON.stringify(body))
      if (answer.status !== 200) throw new Error(`set-renewal-info: ${answer.status} ${answer.body}`)
    },
    issued: () =>
      [...child.log().matchAll(/Issued certificate serial ([0-9a-f]+)/g)].map((match) => match[1] ?? ''),
    async stop(signal, graceMs) {
      await child.stop(signal, graceMs)
      await resolver.stop()
    },
  }
}

interface Listening {
  readonly host: string
  readonly port: number
  readonly management: number
}

function configuration(options: PebbleOptions, tls: TlsFiles, at: Listening): object {
  const profiles = Object.entries(options.profiles ?? { default: 7_776_000 })
  return {
    listenAddress: `${at.host}:${at.port}`,
    managementListenAddress: `${at.host}:${at.management}`,
    certificate: tls.certificate,
    privateKey: tls.key,
    httpPort: options.httpPort,
    tlsPort: 1,
    ocspResponderURL: '',
    externalAccountBindingRequired: options.externalAccounts !== undefined,
    externalAccountMACKeys: options.externalAccounts ?? {},
    domainBlocklist: options.blockedDomains ?? [],
    retryAfter: options.retryAfter ?? { authz: 1, order: 1 },
    keyAlgorithm: 'ecdsa',
    profiles: Object.fromEntries(
      profiles.map(([name, seconds]) => [name, { description: name, validityPeriod: seconds }]),
    ),
  }
}

function environment(options: PebbleOptions): Record<string, string> {
  const sleep = options.validationSleep
  const given = {
    PEBBLE_WFE_NONCEREJECT: options.nonceReject,
    PEBBLE_AUTHZREUSE: options.authorizationReuse,
    PEBBLE_ALTERNATE_ROOTS: options.alternateRoots,
    PEBBLE_CHAIN_LENGTH: options.chainLength,
    PEBBLE_VA_NOSLEEP: sleep === 0 ? 1 : undefined,
    PEBBLE_VA_SLEEPTIME: sleep === 0 ? undefined : sleep,
  }
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
