/** Names as the configured `resolvers` have them, for sockets. */
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { lookupName } from '../challenge/lookup.ts'
import { namesOf, type Records } from './names.ts'

/** What these servers do not know, such as a name of this network, is asked of the system. */
export function lookupBy(servers: readonly string[]): LookupFunction {
  const names = namesOf(servers)
  return (host, options, callback) => {
    void names.of(host, { caa: false }).then(({ four, six }) => {
      const found = [...addresses(four, 4), ...addresses(six, 6)].filter(({ family }) =>
        isWanted(family, options),
      )
      const [first] = found
      if (!first) lookupName(host, options, callback)
      else if (options.all) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

function addresses(records: Records, family: 4 | 6): LookupAddress[] {
  return 'none' in records ? [] : records.addresses.map((address) => ({ address, family }))
}

function isWanted(family: number, { family: wanted = 0 }: Parameters<LookupFunction>[1]): boolean {
  return wanted === 0 || wanted === family || wanted === `IPv${family}`
}
