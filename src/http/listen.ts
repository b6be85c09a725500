/** Taking a port, with errors that name the setting and say what to do. */
import type { AddressInfo, Server } from 'node:net'

/** What `host` and `port` are called in the configuration, such as `listeners.public`. */
export type ListenerSection = 'listeners.public' | 'listeners.admin'

export interface ListenAddress {
  readonly section: ListenerSection
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

/** The port cannot be had. `path`, `value` and `fix` have the shape of a fault of the configuration. */
export class ListenFault extends Error {
  readonly path: string
  readonly value: string
  readonly fix: string
  constructor(fault: { path: string; value: string; fix: string }, cause: unknown) {
    super(`${fault.path}: ${fault.value}: ${fault.fix}`, { cause })
    this.name = 'ListenFault'
    this.path = fault.path
    this.value = fault.value
    this.fix = fault.fix
  }
}

/**
 * Resolves when the server accepts connections; rejects with ListenFault. `::` also takes IPv4; on a machine without
 * IPv6 it becomes 0.0.0.0, since it is the default and stands for "every address".
 */
export async function listen(server: Server, address: ListenAddress): Promise<AddressInfo> {
  try {
    return await bind(server, address.host, address.port)
  } catch (error) {
    if (address.host !== '::' || !lacksIpv6(codeOf(error))) throw listenFault(error, address)
  }
  try {
    return await bind(server, '0.0.0.0', address.port)
  } catch (error) {
    throw listenFault(error, address)
  }
}

/** What to tell the operator about a failed listen. */
export function listenFault(error: unknown, { section, host, port }: ListenAddress): ListenFault {
  const code = codeOf(error)
  const aboutHost = hostFix(code, section)
  if (aboutHost !== undefined) {
    return new ListenFault({ path: `${section}.host`, value: host, fix: aboutHost }, error)
  }
  return new ListenFault({ path: `${section}.port`, value: String(port), fix: portFix(code, section) }, error)
}

function hostFix(code: string | undefined, section: ListenerSection): string | undefined {
  switch (code) {
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return `this machine does not have the address; set ${section}.host to one of its own, or to :: for all.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name does not resolve; set ${section}.host to an IP address, such as ::.`
    default:
      return undefined
  }
}

function portFix(code: string | undefined, section: ListenerSection): string {
  switch (code) {
    case 'EADDRINUSE':
      return `another program listens on this port; stop it, or set ${section}.port to a free one.`
    case 'EACCES':
      return `this user may not take the port; set ${section}.port above 1023, or grant CAP_NET_BIND_SERVICE.`
    default:
      return `listening failed (${code ?? 'unknown error'}).`
  }
}

function bind(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: false }, () => {
      server.removeListener('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })
}

function lacksIpv6(code: string | undefined): boolean {
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EINVAL'
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
