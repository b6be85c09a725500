/** What is to be seen where: of each destination that holds a pair of ours, the hosts and the gateway. Pure. */
import { isIP } from 'node:net'
import type { RefusedRecord } from '../state/records.ts'
import { readLeaf, type Leaf } from '../certificate/certificate.ts'
import { standIn } from '../certificate/refused.ts'
import type { CertificateWorld, World } from '../certificate/plan.ts'
import type { OlderPair } from './verdict.ts'

/** A port of each of the pods with these labels in this namespace, or one address. */
export type Doors =
  | { readonly namespace: string; readonly selector: Readonly<Record<string, string>>; readonly port: number }
  | { readonly address: string; readonly port: number }

/** Where a destination is read. */
export interface Reader {
  readonly destination: string
  readonly doors: Doors
}

export interface Target {
  readonly certificate: CertificateWorld
  readonly name: string
  readonly destination: string
  readonly doors: Doors
  readonly hosts: readonly string[]
  /** Serial of what the destination holds. */
  readonly held: string
  readonly heldIsNewest: boolean
}

/** Names of one certificate that are asked for; the others share its pair. */
const mostHosts = 10

/** What holds no pair, a stand-in, or something of somebody else has nothing to prove. */
export function targetsIn(
  world: Pick<World, 'certificates'>,
  readersOf: (certificate: string) => readonly Reader[],
): Target[] {
  return world.certificates.flatMap((certificate) => {
    const { desired, installed, stored } = certificate
    return readersOf(desired.name).flatMap(({ destination, doors }) => {
      const view = installed.find((each) => each.destination === destination)
      const leaf = view?.state === 'present' ? view.leaf : undefined
      if (!leaf || leaf.placeholder || !isOurs(leaf, certificate)) return []
      const hosts = leaf.names.filter((name) => isIP(name) === 0).slice(0, mostHosts)
      const newest = stored?.leaf?.fingerprint === leaf.fingerprint && stored.pair.revokedAt === undefined
      return [
        {
          certificate,
          name: desired.name,
          destination,
          doors,
          hosts,
          held: leaf.serial,
          heldIsNewest: newest,
        },
      ]
    })
  })
}

function isOurs(
  { fingerprint }: Leaf,
  { stored, standIn, olderFingerprints = [] }: CertificateWorld,
): boolean {
  const known = [stored?.leaf?.fingerprint, standIn?.fingerprint, ...olderFingerprints]
  return known.includes(fingerprint)
}

/** The kept pairs that could stand in for the newest: not revoked, key and certificate of one another. Newest first. */
export function olderPairs({ record }: Pick<CertificateWorld, 'record'>): OlderPair[] {
  return record.pairs.slice(1).flatMap((pair) => {
    const leaf = pair.revokedAt === undefined ? readLeaf(pair) : undefined
    return leaf?.keyMatches ? [{ serial: leaf.serial, notAfter: leaf.notAfter }] : []
  })
}

/** The refusal that stands here. */
export function refusedAt({ certificate, destination }: Target): RefusedRecord | undefined {
  const { refused } = certificate.record
  return standIn(certificate.record, destination) ? refused : undefined
}

/** One destination of one certificate. */
export function keyOf({ name, destination }: Pick<Target, 'name' | 'destination'>): string {
  return `${name}\n${destination}`
}
