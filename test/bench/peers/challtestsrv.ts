/**
 * pebble-challtestsrv as the resolver that Pebble asks. On loopback every name is 127.0.0.1; in a network no name has an
 * address before it is given one, and none has an AAAA or CAA record.
 */
import { startChild, type Child } from './child.ts'
import { installed } from './install.ts'
import { loopback, placed, type Place } from './place.ts'
import { freePort } from './ports.ts'

export interface Resolver extends Child {
  /** `host:port` for Pebble's -dnsserver. */
  readonly address: string
  /** `http://host:port` of its management interface. */
  readonly management: string
  /** Answers SERVFAIL for the name from now on. */
  servfail(host: string): Promise<void>
  /** Answers this address (these) for the name from now on. */
  setAddress(host: string, address: string, ...more: string[]): Promise<void>
  /** Answers this AAAA record for the name from now on; none when left out. */
  setSix(host: string, address?: string): Promise<void>
  /** Answers a CAA record that lets this CA issue, and no other; none when left out. */
  setCaa(host: string, issuer?: string): Promise<void>
  /** Knows nothing of the name any more, and answers for it again. */
  clear(host: string): Promise<void>
}

export async function startResolver(directory: string, place: Place = loopback): Promise<Resolver> {
  const { host } = place
  // What resolv.conf of a namespace names has no port: it is 53.
  const dns = place === loopback ? await freePort() : 53
  const management = await freePort()
  const base = `http://${host}:${management}`
  const child = await startChild({
    name: 'challtestsrv',
    directory,
    ...placed(place, (await installed('pebble-challtestsrv')).path, [
      ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-doh', ''],
      ...['-dnsserver', `${host}:${dns}`, '-management', `${host}:${management}`],
      ...['-defaultIPv4', place === loopback ? host : '', '-defaultIPv6', ''],
    ]),
    ready: async () => (await fetch(`${base}/clear-a`, { method: 'POST', body: '{"host":"none.test."}' })).ok,
  })
  const post = async (path: string, body: object) => {
    const answer = await fetch(base + path, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`challtestsrv ${path}: ${answer.status}`)
  }
  return {
    ...child,
    address: `${host}:${dns}`,
    management: base,
    servfail: (host) => post('/set-servfail', { host: `${host}.` }),
    async setAddress(host, ...addresses) {
      await post('/clear-a', { host: `${host}.` })
      await post('/add-a', { host: `${host}.`, addresses })
    },
    async setSix(host, address) {
      await post('/clear-aaaa', { host: `${host}.` })
      if (address !== undefined) await post('/add-aaaa', { host: `${host}.`, addresses: [address] })
    },
    async setCaa(host, issuer) {
      await post('/clear-caa', { host: `${host}.` })
      const policies = [{ tag: 'issue', value: issuer }]
      if (issuer !== undefined) await post('/add-caa', { host: `${host}.`, policies })
    },
    async clear(host) {
      for (const what of ['a', 'aaaa', 'caa', 'servfail']) await post(`/clear-${what}`, { host: `${host}.` })
    },
  }
}
