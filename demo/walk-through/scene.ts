/** Everything that the walk-through needs to know, taken from the configuration that port80 itself will run on. */
import { isMap, parseDocument } from 'yaml'
import type { Config } from '../../src/config/schema.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { PortName, WalkThroughOptions } from './options.ts'

export interface ScenePort {
  readonly name: PortName
  readonly port: number
  /** Who listens there. */
  readonly who: string
  /** The setting in the configuration that says so. */
  readonly setting: string
  readonly option: string
}

export interface Scene {
  readonly ports: Readonly<Record<PortName, ScenePort>>
  /** As in the configuration: relative to its file. */
  readonly folders: { readonly ca: string; readonly certificates: string; readonly state: string }
  readonly certificates: readonly { readonly name: string; readonly domains: readonly string[] }[]
}

/** The scene, or what keeps the configuration from being one, a line each. */
export function sceneOf(text: string): { readonly ok: Scene } | { readonly faults: readonly string[] } {
  const parsed = parseConfig(text)
  if ('faults' in parsed)
    return {
      faults: parsed.faults.map(({ path, value, fix }) => [path, value, fix].filter(Boolean).join(': ')),
    }
  const config = parsed.ok
  const faults = checks.flatMap((check) => check(config) ?? [])
  if (faults.length > 0) return { faults }
  const { directory = '', caBundle = '' } = config.issuers['demo'] ?? {}
  return {
    ok: {
      ports: portsOf(config, Number(new URL(directory).port)),
      folders: {
        ca: caBundle.slice(0, -rootName.length),
        certificates: config.destinations[0]?.directory ?? '',
        state: config.store.directory ?? '',
      },
      certificates: config.certificates.map(({ name, domains }) => ({ name, domains })),
    },
  }
}

/**
 * The text with other ports, and with folders beside it instead of in ../.port80; comments stay. What a port is called
 * is in `portsOf`.
 */
export function adapted(text: string, ports: WalkThroughOptions['ports']): string {
  const document = parseDocument(text)
  const set = (path: string, value: unknown) => document.setIn(path.split('.'), value)
  set('store.directory', './state')
  set('destinations', document.createNode([{ directory: './certificates' }]))
  set('issuers.demo.caBundle', './ca/root.pem')
  if (ports.ca !== undefined) set('issuers.demo.directory', `https://localhost:${ports.ca}/directory`)
  if (ports.gateway !== undefined) set('redirect.httpsPort', ports.gateway)
  if (ports.admin !== undefined) set('listeners.admin.port', ports.admin)
  if (ports.public !== undefined) {
    set('listeners.public.port', ports.public)
    const selfCheck = document.get('selfCheck')
    if (isMap(selfCheck))
      set('selfCheck.url', `http://127.0.0.1:${ports.public}/.well-known/acme-challenge/{token}`)
  }
  return document.toString()
}

const rootName = 'root.pem'

/** Each says what the walk-through needs, when the configuration has something else. */
const checks: readonly ((config: Config) => string | undefined)[] = [
  ({ issuers }) =>
    /^https:\/\/localhost:\d+\/directory$/.test(issuers['demo']?.directory ?? '')
      ? undefined
      : 'issuers.demo.directory: the walk-through needs https://localhost:PORT/directory',
  ({ issuers }) =>
    issuers['demo']?.caBundle?.endsWith(`/${rootName}`)
      ? undefined
      : `issuers.demo.caBundle: the test CA keeps its keys in the folder of this file, which is called ${rootName}`,
  ({ certificates }) =>
    certificates.length > 0 ? undefined : 'certificates: the walk-through needs one at least',
  ({ certificates }) =>
    certificates.every(({ issuer }) => issuer === 'demo')
      ? undefined
      : 'certificates: each has issuer: demo here; a real CA cannot reach this machine by *.localhost',
  ({ certificates, destinations }) =>
    destinations.length === 1 && certificates.every((each) => each.destinations === undefined)
      ? undefined
      : 'destinations: the gateway reads one folder, for all certificates',
]

function portsOf(config: Config, ca: number): Scene['ports'] {
  const { listeners, redirect } = config
  return {
    public: {
      name: 'public',
      port: listeners.public.port,
      who: 'port80, challenges and redirects',
      setting: 'listeners.public.port',
      option: '--public-port',
    },
    admin: {
      name: 'admin',
      port: listeners.admin.port,
      who: 'port80, status and metrics',
      setting: 'listeners.admin.port',
      option: '--admin-port',
    },
    gateway: {
      name: 'gateway',
      port: redirect.httpsPort,
      who: 'the demo gateway',
      setting: 'redirect.httpsPort',
      option: '--gateway-port',
    },
    ca: { name: 'ca', port: ca, who: 'the test CA', setting: 'issuers.demo.directory', option: '--ca-port' },
  }
}
