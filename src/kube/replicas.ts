/**
 * What each responder has counted, asked of every pod of their headless Service at its own address: also of those that are
 * not ready or are ending, since what they counted counts.
 *
 * Right it takes: list on EndpointSlices of the namespace.
 */
import { inTurns } from '../reach/in-turns.ts'
import { askReplica } from '../traffic/ask-replica.ts'
import type { Asked } from '../traffic/counting.ts'
import type { KubeClient } from './client.ts'
import { everyPod, serviceLabel, type KnownPod } from './ready-pod.ts'
import { internalHost } from './responders.ts'

export interface KubeReplicas {
  readonly client: KubeClient
  readonly namespace: string
  readonly service: string
  readonly clusterDomain: string
  /** Of the admin port, the same for all. */
  readonly port: number
}

const askMs = 2_000
const atOnce = 16

/** Never rejects: who cannot be asked is `silent`. `from`: see `RedirectCounter.rows`. */
export async function askReplicas(replicas: KubeReplicas, from: number | undefined): Promise<Asked> {
  const { client, namespace, service } = replicas
  const labels = { [serviceLabel]: service }
  const reply = await client.list({ resource: 'endpointslices', namespace, labels })
  if (!('ok' in reply)) {
    const seen = `could not be asked who runs (${reply.failure.detail})`
    return { told: [], present: undefined, silent: [{ replica: 'the API server', seen }] }
  }
  const pods = everyPod(reply.ok.items)
  const answers = await inTurns(pods, atOnce, (pod) => answerOf(pod, replicas, from))
  return {
    told: answers.flatMap((answer) => ('told' in answer ? [answer.told] : [])),
    present: new Set(pods.map(({ id }) => id)),
    // Of one that is only starting or ending nothing is expected.
    silent: answers.flatMap((answer) =>
      'seen' in answer && answer.ready ? [{ replica: answer.id, seen: answer.seen }] : [],
    ),
  }
}

async function answerOf({ id, address, ready }: KnownPod, replicas: KubeReplicas, from: number | undefined) {
  const host = internalHost(replicas)
  const answer = await askReplica({ address, port: replicas.port, host, timeoutMs: askMs }, from)
  if ('fault' in answer) return { id, ready, seen: answer.fault }
  const { start, rows } = answer.ok
  return { told: { start, rows, at: id } }
}
