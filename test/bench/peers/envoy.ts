/** Stock Envoy as a TLS gateway that takes its certificate from a file-SDS resource, answering every request itself. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accepts, startChild, type Child } from './child.ts'
import { installed } from './install.ts'
import { freePort } from './ports.ts'

export interface EnvoyOptions {
  /** The SDS file (one `tls_certificate` secret). */
  readonly sdsFile: string
  /** Name of the secret in it. */
  readonly secretName: string
  /** Folder whose renames make Envoy read the SDS file again; left out, Envoy watches the file itself. */
  readonly watchedDirectory?: string
}

export interface Envoy extends Child {
  readonly tlsPort: number
  /** Value of a counter or gauge of the admin port, 0 when Envoy does not know it. */
  stat(name: string): Promise<number>
}

export async function startEnvoy(directory: string, options: EnvoyOptions): Promise<Envoy> {
  const tlsPort = await freePort()
  const admin = await freePort()
  const file = join(directory, 'envoy.json')
  writeFileSync(file, JSON.stringify(bootstrap(options, tlsPort, admin), undefined, 2))
  const child = await startChild({
    name: 'envoy',
    directory,
    command: (await installed('envoy')).path,
    args: ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'info'],
    timeoutMs: 60_000,
    // A listener whose secret has not come yet is not bound: an accepted connection means the certificate is there.
    ready: async () => (await fetch(`http://127.0.0.1:${admin}/ready`)).ok && (await accepts(tlsPort)),
  })
  return {
    ...child,
    tlsPort,
    async stat(name) {
      const text = await (
        await fetch(`http://127.0.0.1:${admin}/stats?filter=${encodeURIComponent(name)}`)
      ).text()
      const line = text.split('\n').find((one) => one.startsWith(`${name}: `))
      return line === undefined ? 0 : Number(line.slice(name.length + 2))
    },
  }
}

function bootstrap(options: EnvoyOptions, tlsPort: number, admin: number): object {
  const address = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } })
  const watched = options.watchedDirectory
  const tls = {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    common_tls_context: {
      alpn_protocols: ['http/1.1'],
      tls_certificate_sds_secret_configs: [
        {
          name: options.secretName,
          sds_config: {
            resource_api_version: 'V3',
            path_config_source: {
              path: options.sdsFile,
              ...(watched === undefined ? {} : { watched_directory: { path: watched } }),
            },
          },
        },
      ],
    },
  }
  const http = {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'bench',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [answer] }] },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  }
  const listener = {
    name: 'https',
    address: address(tlsPort),
    filter_chains: [
      {
        transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: tls },
        filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: http }],
      },
    ],
  }
  return {
    admin: { address: address(admin) },
    static_resources: { listeners: [listener] },
    node: { id: 'bench', cluster: 'bench' },
  }
}

/** The body of every answer. */
export const answerText = 'served by envoy\n'

const answer = {
  match: { prefix: '/' },
  direct_response: { status: 200, body: { inline_string: answerText } },
}
