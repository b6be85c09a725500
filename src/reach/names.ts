/** What the DNS says of a host, as a CA asks it: both kinds of address, and CAA up the tree. Decides nothing. */
import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { inTime } from './in-time.ts'
import { caaTree, type CaaLevel } from './caa.ts'

export type NoRecords =
  | 'noName' // NXDOMAIN
  | 'noAddress' // the name is there, this kind of address is not
  | 'servfail' // the servers of the domain fail, or DNSSEC does
  | 'silent' // no resolver answered: nothing is known

/** Of one kind; at most {@link mostAddresses}. */
export type Records = { readonly addresses: readonly string[] } | { readonly none: NoRecords }

export interface NameFacts {
  readonly four: Records
  readonly six: Records
  /** From the host upwards; empty where nobody wants to know. */
  readonly caa: readonly CaaLevel[]
}

export interface Names {
  /** Rejects never; at most 1.3 s. */
  of(host: string, want: { readonly caa: boolean }): Promise<NameFacts>
}

const mostAddresses = 8
/** Milliseconds: of the first try of a server, and of everything. */
const [tryMs, allMs] = [400, 1_300]

/** `servers` as in `resolvers` of the configuration; undefined: those of the system, and its hosts file. */
export function namesOf(servers: readonly string[] | undefined): Names {
  return {
    async of(host, { caa }) {
      const kind = isIP(host)
      if (kind !== 0) return addressFacts(host, kind)
      if (!servers && /(?:^|\.)localhost$/.test(host)) return loopback
      const resolver = new Resolver({ timeout: tryMs, tries: 2 })
      if (servers) resolver.setServers(servers)
      const startedAt = performance.now()
      const late = setTimeout(() => resolver.cancel(), allMs)
      try {
        const [four, six, levels] = await Promise.all([
          records(() => resolver.resolve4(host)),
          records(() => resolver.resolve6(host)),
          caa ? Promise.all(caaTree(host).map((name) => caaAt(resolver, name))) : [],
        ])
        const enough = 'addresses' in four || 'addresses' in six || servers !== undefined
        const tookMs = performance.now() - startedAt
        const useless = enough || (isSilent(four, six) && tookMs > tryMs)
        const known = useless ? { four, six } : await asSystem(host, { four, six }, allMs - tookMs)
        return { ...known, caa: levels }
      } finally {
        clearTimeout(late)
      }
    },
  }
}

/** RFC 6761 §6.3; not every system does it. */
const loopback: NameFacts = { four: { addresses: ['127.0.0.1'] }, six: { addresses: ['::1'] }, caa: [] }

function addressFacts(address: string, kind: number): NameFacts {
  const own: Records = { addresses: [address] }
  const none: Records = { none: 'noAddress' }
  return { four: kind === 4 ? own : none, six: kind === 6 ? own : none, caa: [] }
}

async function records(ask: () => Promise<string[]>): Promise<Records> {
  try {
    const addresses = await ask()
    return addresses.length === 0 ? { none: 'noAddress' } : { addresses: addresses.slice(0, mostAddresses) }
  } catch (error) {
    return { none: noneOf((error as NodeJS.ErrnoException).code) }
  }
}

function noneOf(code: string | undefined): NoRecords {
  switch (code) {
    case 'ENOTFOUND':
      return 'noName'
    case 'ENODATA':
      return 'noAddress'
    case 'ESERVFAIL':
      return 'servfail'
    default:
      return 'silent'
  }
}

function isSilent(...kinds: readonly Records[]): boolean {
  return kinds.some((kind) => 'none' in kind && kind.none === 'silent')
}

type Addresses = Pick<NameFacts, 'four' | 'six'>

/**
 * The hosts file and what else the system knows (`*.localhost`), where its DNS servers know nothing. Not where they keep
 * silent: the system asks them again for many seconds, and does so in one of the four threads that files are written by.
 */
function asSystem(host: string, otherwise: Addresses, mostMs: number): Promise<Addresses> {
  const late = AbortSignal.timeout(Math.max(1, Math.round(mostMs)))
  return inTime(bySystem(host, otherwise), late, () => otherwise)
}

async function bySystem(host: string, otherwise: Addresses): Promise<Addresses> {
  try {
    const all = await lookup(host, { all: true, verbatim: true })
    const of = (family: number): Records => {
      const addresses = all.filter((each) => each.family === family).map(({ address }) => address)
      return addresses.length === 0 ? { none: 'noAddress' } : { addresses: addresses.slice(0, mostAddresses) }
    }
    return { four: of(4), six: of(6) }
  } catch {
    return otherwise
  }
}

async function caaAt(resolver: Resolver, name: string): Promise<CaaLevel> {
  try {
    const found = await resolver.resolveCaa(name)
    return { name, records: found.flatMap(recordsOf) }
  } catch (error) {
    const none = noneOf((error as NodeJS.ErrnoException).code)
    return { name, records: none === 'noName' || none === 'noAddress' ? [] : undefined }
  }
}

/** Node names the member by the tag. */
function recordsOf(record: object): { critical: boolean; tag: string; value: string }[] {
  const members = Object.entries(record) as [string, unknown][]
  const flags = members.find(([key]) => key === 'critical')?.[1]
  return members.flatMap(([tag, value]) =>
    tag === 'critical' || tag === 'type' || typeof value !== 'string'
      ? []
      : [{ critical: (Number(flags) & 128) !== 0, tag, value }],
  )
}
