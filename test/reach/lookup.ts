import type { LookupAddress, LookupOptions } from 'node:dns'
import t from 'tap'
import { lookupBy } from '../../src/reach/lookup.ts'
import { dnsServer } from './fixtures/dns-server.ts'

const look = (lookup: ReturnType<typeof lookupBy>, host: string, options: LookupOptions) =>
  new Promise<readonly (string | undefined)[]>((resolve, reject) => {
    lookup(host, options, (error, found: string | LookupAddress[]) => {
      if (error) reject(error)
      else resolve(typeof found === 'string' ? [found] : found.map(({ address }) => address))
    })
  })

t.test('by the servers of the configuration, and by the system what they do not know', async (t) => {
  const server = await dnsServer(t, {
    'both.test': { four: ['192.0.2.1', '192.0.2.2'], six: ['2001:db8::1'] },
    'six.test': { six: ['2001:db8::1'] },
  })
  const lookup = lookupBy([server])
  const rows: [string, LookupOptions, string[]][] = [
    ['both.test', { all: true }, ['192.0.2.1', '192.0.2.2', '2001:db8::1']],
    ['both.test', {}, ['192.0.2.1']],
    ['both.test', { family: 6 }, ['2001:db8::1']],
    ['both.test', { family: 'IPv4', all: true }, ['192.0.2.1', '192.0.2.2']],
    ['six.test', {}, ['2001:db8::1']],
    ['a.localhost', { family: 4 }, ['127.0.0.1']],
  ]
  for (const [host, options, wanted] of rows)
    t.strictSame(await look(lookup, host, options), wanted, `${host} ${JSON.stringify(options)}`)
  await t.rejects(look(lookup, 'nobody.invalid', {}), 'a name that nobody knows')
})
