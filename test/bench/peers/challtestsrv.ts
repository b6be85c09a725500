/** pebble-challtestsrv as the resolver that Pebble asks: every name is 127.0.0.1, none has an AAAA record. */
import { startChild, type Child } from './child.ts'
import { installed } from './install.ts'
import { freePort } from './ports.ts'

export interface Resolver extends Child {
  /** `127.0.0.1:port` for Pebble's -dnsserver. */
  readonly address: string
  /** Answers SERVFAIL for the name from now on. */
  servfail(host: string): Promise<void>
  /** Answers this address for the name from now on. */
  setAddress(host: string, address: string): Promise<void>
}

export async function startResolver(directory: string): Promise<Resolver> {
  const dns = await freePort()
  const management = await freePort()
  const base = `http://127.0.0.1:${management}`
  const child = await startChild({
    name: 'challtestsrv',
    directory,
    command: (await installed('pebble-challtestsrv')).path,
    args: [
      ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''],
      ...['-dnsserver', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${management}`],
      ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''],
    ],
    ready: async () => (await fetch(`${base}/clear-a`, { method: 'POST', body: '{"host":"none.test."}' })).ok,
  })
  const post = async (path: string, body: object) => {
    const answer = await fetch(base + path, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`challtestsrv ${path}: ${answer.status}`)
  }
  return {
    ...child,
    address: `127.0.0.1:${dns}`,
    servfail: (host) => post('/set-servfail', { host: `${host}.` }),
    async setAddress(host, address) {
      await post('/clear-a', { host: `${host}.` })
      await post('/add-a', { host: `${host}.`, addresses: [address] })
    },
  }
}
