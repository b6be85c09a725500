/**
 * A small ACME server for tests and for the walk-through: RFC 8555 with HTTP-01, RFC 8738, RFC 9773 and profiles.
 * It validates by real HTTP requests and signs real certificates, for this machine only. It is a TEST CA: its keys lie
 * in a folder, it asks nobody's permission, and it is never part of what port80 ships (nothing in src/ imports demo/).
 * Not there: DNS-01, TLS-ALPN-01, external accounts, pre-authorization, CRL and OCSP, rate limits (see `fail`).
 */
import { generateKeyPairSync } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { PublicKey } from '@peculiar/x509'
import { Authority } from './authority.ts'
import { resumeValidations } from './challenge.ts'
import { resolveLoopback, type Identifier } from './identifier.ts'
import { Nonces } from './nonce.ts'
import { settingsOf, type ForcedFailure, type TestCaOptions } from './options.ts'
import { resumeIssuing } from './order.ts'
import type { Window } from './renewal-window.ts'
import type { Ca, Stats } from './request.ts'
import { acmeListener } from './server.ts'
import { CaState } from './state.ts'

export interface TestCa {
  /** Such as https://localhost:14000/directory. */
  readonly directoryUrl: string
  readonly port: number
  /** PEM file of the root: what clients of the CA (`caBundle`) and of the certificates (`--cacert`) trust. */
  readonly rootPemPath: string
  readonly rootPem: string
  /** PEM of the further roots (`alternateRoots`). */
  readonly alternateRootPems: readonly string[]
  /** Counted since the start of this process; live. */
  readonly stats: Readonly<Stats>
  /** What the CA knows, such as the certificates it has issued; live, for assertions. */
  readonly state: Pick<CaState, 'accounts' | 'authorizations' | 'orders' | 'certificates'>
  setValidationPort(port: number): void
  /** Moves the window of one certificate, named by serial (hex) or RFC 9773 id; throws when there is none. */
  setRenewalWindow(serialOrCertId: string, window: Window): void
  /** From now on, orders with this identifier get the problem. */
  fail(identifier: string, failure: ForcedFailure): void
  heal(identifier: string): void
  /** Ends open connections and validations; resolves when the state is on disk. Idempotent. */
  stop(): Promise<void>
}

/** Listening when it resolves; rejects when the port is taken or the folder's state cannot be read. */
export async function startTestCa(options: TestCaOptions): Promise<TestCa> {
  const settings = settingsOf(options)
  const authority = await Authority.open(
    settings.directory,
    settings.alternateRoots,
    settings.resolve === resolveLoopback,
  )
  const state = new CaState(settings.directory)
  await state.load()
  const stopping = new AbortController()
  const stats = emptyStats()
  const ca: Ca = {
    settings,
    state,
    authority,
    nonces: new Nonces(settings.nonceRejectionRate, () => (stats.noncesRejected += 1)),
    stats,
    failures: new Map(),
    startedAt: Date.now(),
    stopping: stopping.signal,
    origin: '',
    emit: (event) => settings.onEvent(event),
  }
  const server = settings.tls ? https.createServer(await ownPair(authority)) : http.createServer()
  server.on('request', acmeListener(ca))
  resumeValidations(ca)
  resumeIssuing(ca)
  const port = await listen(server, settings.port).catch((error: unknown) => {
    stopping.abort()
    throw error
  })
  ca.origin = `${settings.tls ? 'https' : 'http'}://localhost:${port}`
  return handle(ca, port, () => stop(ca, server, stopping))
}

function handle(ca: Ca, port: number, stop: () => Promise<void>): TestCa {
  const [rootPem = '', ...alternateRootPems] = ca.authority.rootPems
  return {
    directoryUrl: `${ca.origin}/directory`,
    port,
    rootPemPath: path.resolve(ca.settings.directory, 'root.pem'),
    rootPem,
    alternateRootPems,
    stats: ca.stats,
    state: ca.state,
    setValidationPort: (validationPort) => {
      ca.settings.validationPort = validationPort
    },
    setRenewalWindow: (name, window) => moveWindow(ca, name, window),
    fail: (identifier, failure) => {
      ca.failures.set(identifier, { ...failure, left: failure.times ?? Infinity })
    },
    heal: (identifier) => {
      ca.failures.delete(identifier)
    },
    stop,
  }
}

function moveWindow(ca: Ca, name: string, window: Window): void {
  const found = [...ca.state.certificates.values()].find(
    (each) => each.serial === name.toUpperCase() || each.certId === name,
  )
  if (!found) throw new Error(`the test CA has issued no certificate ${name}`)
  found.window = window
  ca.state.touch()
}

async function stop(ca: Ca, server: http.Server | https.Server, stopping: AbortController): Promise<void> {
  stopping.abort()
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
  await ca.state.saved()
}

function listen(server: http.Server | https.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** The CA's own TLS server: a new key at each start, never written down. */
async function ownPair(authority: Authority): Promise<{ key: string; cert: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const identifiers: Identifier[] = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ]
  const leafPem = await authority.issue({
    publicKey: new PublicKey(publicKey.export({ type: 'spki', format: 'der' })),
    identifiers,
    notBefore: Date.now() - 3_600_000,
    notAfter: Date.now() + 397 * 86_400_000,
  })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  return { key, cert: authority.chainPem(leafPem, 0) ?? leafPem }
}

function emptyStats(): Stats {
  return {
    accounts: 0,
    orders: 0,
    validations: 0,
    failedValidations: 0,
    certificates: 0,
    revocations: 0,
    renewalInfoRequests: 0,
    noncesRejected: 0,
    requests: {},
  }
}
