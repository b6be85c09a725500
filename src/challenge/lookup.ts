/** Names as the system resolves them, but for `*.localhost`, which is this machine (RFC 6761 §6.3) on every system here. */
import { lookup, type LookupAddress, type LookupAllOptions, type LookupOneOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'

const loopback: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/** For sockets: `lookup` of their options. */
export const lookupName: LookupFunction = (host, options, callback) => {
  if (!/(?:^|\.)localhost\.?$/i.test(host)) {
    if (options.all) lookup(host, options as LookupAllOptions, callback)
    else lookup(host, options as LookupOneOptions, callback)
    return
  }
  const family = options.family === 'IPv6' ? 6 : options.family === 'IPv4' ? 4 : (options.family ?? 0)
  const own = loopback.filter((each) => family === 0 || each.family === family)
  // As the system's does: never before the caller has gone on.
  queueMicrotask(() => {
    if (options.all) callback(null, [...own])
    else callback(null, own[0]?.address ?? '', own[0]?.family)
  })
}
