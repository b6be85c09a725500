/** A peer's place in the network: a namespace of its own, its files in a folder of its own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../peers/place.ts'
import type { Network, PodNetwork } from './network.ts'

export interface PeerPlace extends Place {
  readonly directory: string
  readonly pod: PodNetwork
}

/** `end` as for `Network.address`; without it any address. */
export async function peerPlace(
  network: Network,
  { name, directory, end }: { readonly name: string; readonly directory: string; readonly end?: string },
): Promise<PeerPlace> {
  const pod = await network.pod(name, end === undefined ? undefined : network.address(end))
  const own = join(directory, name)
  mkdirSync(own, { recursive: true })
  return { pod, host: pod.ip, directory: own, inside: (argv) => network.inside(pod, argv) }
}
