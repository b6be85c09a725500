/** Write → all responders answer: as the worker does it, three responder pods asked one by one on their own addresses. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { awaitServed, type Responder } from '../../src/challenge/served.ts'
import type { Challenge } from '../../src/challenge/store.ts'
import { openAccess } from '../../src/kube/access.ts'
import { kubeChallengeStore } from '../../src/kube/challenge-store.ts'
import { kubeClient } from '../../src/kube/client.ts'
import { findGatewayPods, gatewayDoors } from '../../src/kube/gateways.ts'
import { kubeResponders } from '../../src/kube/responders.ts'
import { maximum, percentile, type Figure } from '../figures.ts'
import { responders, type Place } from './place.ts'

export const thumbprint = 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ'

export function challengeFor(identifier: string): Challenge {
  const token = randomBytes(32).toString('base64url')
  return { token, identifier, keyAuthorization: `${token}.${thumbprint}`, expiresAt: Date.now() + 3_600_000 }
}

/** The token store of the installation, with an administrator's rights. */
export async function openTokens({ mesh, port80: { namespace } }: Pick<Place, 'mesh' | 'port80'>) {
  const access = await openAccess({ kubeconfig: mesh.api().kubeconfig })
  const client = kubeClient({ access, userAgent: 'port80-bench' })
  const onForeign = () => undefined
  return { client, store: kubeChallengeStore({ client, namespace, onForeign, now: Date.now }) }
}

export async function benchPropagation(place: Place, rounds: number): Promise<Figure[]> {
  const { mesh, port80 } = place
  const { client, store } = await openTokens(place)
  const service = 'port80-responder-pods'
  const pods = kubeResponders({ client, namespace: port80.namespace, service, port: 8080 })
  const { namespace, selector } = mesh.gateways
  const gateways = async () =>
    gatewayDoors(await findGatewayPods(client, { namespaces: [namespace], selector }), 80, 2_000)
  const nowhere = async (): Promise<readonly Responder[]> => []
  if ((await pods.current()).length !== responders) throw new Error('the responders are not all ready')
  const direct: number[] = []
  const through: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const [frontDoors, times] of [
      [nowhere, direct],
      [gateways, through],
    ] as const) {
      const challenge = challengeFor('propagation.example.com')
      const began = performance.now()
      await store.present(challenge)
      await awaitServed(
        [challenge],
        {
          ...{ responders: () => pods.current(), frontDoors, timeoutMs: 10_000 },
          now: Date.now,
          pause: (ms, signal) => sleep(ms, undefined, { signal }),
        },
        new AbortController().signal,
      )
      times.push(performance.now() - began)
      await store.cleanUp(challenge.token)
    }
  }
  return [
    ...figures(`token written → ${responders} responders answer`, direct),
    ...figures('token written → they and both gateways answer', through),
  ]
}

function figures(name: string, times: readonly number[]): Figure[] {
  const note = `of ${times.length}, with the write itself`
  return [
    { name: `${name}, p50`, value: percentile(times, 50), unit: 'ms' },
    { name: `${name}, p95`, value: percentile(times, 95), unit: 'ms' },
    { name: `${name}, slowest`, value: maximum(times), unit: 'ms', target: { atMost: 500 }, note },
  ]
}
