/** The proof of serving in a term of leadership: which pods read which destination, and what else it needs (src/serving). */
import type { Door } from '../serving/proof-shell.ts'
import { proofOf, type Proof } from '../serving/proof.ts'
import type { Doors, Reader } from '../serving/targets.ts'
import { createWake } from '../worker/wake.ts'
import type { Cluster } from './cluster.ts'
import type { Live } from './live.ts'
import type { OrderingShell } from './ordering.ts'
import type { Journals } from './stores.ts'

/** What only the proof needs of the process. */
export interface Proving {
  readonly cluster: Cluster
  readonly pickedUp: (pickup: { readonly name: string; readonly seconds: number }) => void
}

export function openProof(
  { live, reported, wake, log, now, random }: OrderingShell,
  { certificates }: Pick<Journals, 'certificates'>,
  { cluster, pickedUp }: Proving,
): Proof {
  return proofOf({
    settings: live.config,
    readersOf: (certificate) => readersOf(certificate, live),
    doorsAt: (doors) => doorsAt(doors, cluster),
    change: (certificate, next) => certificates.change(certificate, next),
    pickedUp,
    tell: (part) => reported.set('serving', part),
    inherited: () => reported.inherited(),
    replan: () => wake.now(),
    wake: createWake(),
    ...{ log, now, random },
  })
}

/** Secrets by the pods beside them; folders by the one address, where it is configured. */
export function readersOf(certificate: string, live: Pick<Live, 'config' | 'readersOf'>): Reader[] {
  const { proof } = live.config()
  if (proof === 'off') return []
  const { address, port } = proof
  return live.readersOf(certificate).flatMap(({ destination, by }): Reader[] => {
    if (by) {
      const { selector, httpsPort } = by.gateway
      return [{ destination, doors: { namespace: by.namespace, selector, port: httpsPort } }]
    }
    return address === undefined ? [] : [{ destination, doors: { address, port } }]
  })
}

const listDeadlineMs = 5_000

async function doorsAt(doors: Doors, cluster: Cluster): Promise<Door[]> {
  const { port } = doors
  if ('address' in doors) return [{ pod: doors.address, address: doors.address, port }]
  const [{ findGatewayPods }, { client }] = await Promise.all([import('../kube/gateways.ts'), cluster()])
  const wanted = { selector: doors.selector, namespaces: [doors.namespace] }
  const pods = await findGatewayPods(client, wanted, { deadlineMs: listDeadlineMs })
  return pods.flatMap(({ name, namespace, address, ready }) =>
    ready && address !== undefined ? [{ pod: `${namespace}/${name}`, address, port }] : [],
  )
}
