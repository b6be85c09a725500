/** The status of a Pod from what its containers do. Pure; the words are kubelet's. */
import type { V1Pod, V1PodCondition } from '@kubernetes/client-node'

export interface Termination {
  readonly exitCode: number
  readonly signal?: number
  readonly reason: string
  readonly startedAt: string
  readonly finishedAt: string
}

export type ContainerState =
  | { readonly is: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly is: 'running'; readonly startedAt: string }
  | ({ readonly is: 'terminated' } & Termination)

export interface ContainerReport {
  readonly name: string
  readonly image: string
  /** Main containers decide about the phase; a sidecar counts for readiness; an init container is waited for. */
  readonly role: 'main' | 'sidecar' | 'init'
  readonly state: ContainerState
  readonly last?: Termination
  readonly restarts: number
  /** The startup probe has succeeded, or there is none. */
  readonly started: boolean
  /** By its readiness probe, while it runs. */
  readonly ready: boolean
}

export interface PodFacts {
  readonly containers: readonly ContainerReport[]
  readonly hostIP: string
  /** Undefined until the pod has its network. */
  readonly podIP: string | undefined
  readonly startTime: string
  /** RFC 3339, for conditions that change. */
  readonly now: string
}

export function podPhase(containers: readonly ContainerReport[], restartPolicy: string): string {
  const main = containers.filter(({ role }) => role === 'main')
  const inits = containers.filter(({ role }) => role === 'init')
  const failed = ({ state }: ContainerReport) => state.is === 'terminated' && state.exitCode !== 0
  if (restartPolicy === 'Never' && inits.some(failed)) return 'Failed'
  const ended = main.every(({ state }) => state.is === 'terminated')
  if (ended && restartPolicy !== 'Always') return main.some(failed) ? 'Failed' : 'Succeeded'
  const begun = main.some(({ state, restarts }) => state.is !== 'waiting' || restarts > 0)
  return begun ? 'Running' : 'Pending'
}

/** For a merge patch of the subresource: lists are whole, conditions that others have set among them. */
export function podStatus(pod: V1Pod, facts: PodFacts, ended = false): Record<string, unknown> {
  const { containers, podIP, hostIP, startTime } = facts
  const restartPolicy = ended ? 'Never' : (pod.spec?.restartPolicy ?? 'Always')
  const phase = podPhase(containers, restartPolicy)
  return {
    phase,
    startTime,
    ...{ hostIP, hostIPs: [{ ip: hostIP }] },
    ...(podIP !== undefined && { podIP, podIPs: [{ ip: podIP }] }),
    conditions: conditions(pod, facts, phase),
    containerStatuses: containers.filter(({ role }) => role === 'main').map(containerStatus),
    initContainerStatuses: containers.filter(({ role }) => role !== 'main').map(containerStatus),
    observedGeneration: pod.metadata?.generation,
    qosClass: pod.status?.qosClass ?? 'BestEffort',
  }
}

function containerStatus(report: ContainerReport): Record<string, unknown> {
  const { state, last, name, image, restarts, started, ready } = report
  const { is, ...rest } = state
  return {
    ...{ name, image, imageID: image, restartCount: restarts, ready },
    started: started && is === 'running',
    containerID: `bench://${name}-${restarts}`,
    state: { [is]: rest },
    lastState: last ? { terminated: last } : {},
  }
}

function conditions(pod: V1Pod, facts: PodFacts, phase: string): V1PodCondition[] {
  const { containers, podIP } = facts
  const over = phase === 'Succeeded' || phase === 'Failed'
  const inits = containers.filter(({ role }) => role !== 'main')
  const initialized = inits.every(({ role, state, started }) =>
    role === 'init' ? state.is === 'terminated' && state.exitCode === 0 : started || over,
  )
  const unready = containers.filter(({ role, ready }) => role !== 'init' && !ready).map(({ name }) => name)
  const gates = (pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType)
  const closed = gates.filter((type) => statusOf(pod, type) !== 'True')
  const why = over
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : {
        reason: 'ContainersNotReady',
        message: `containers with unready status: [${unready.join(' ')}]`,
      }
  const containersReady = unready.length === 0 && !over
  const ready = containersReady && closed.length === 0
  const gateWhy = { reason: 'ReadinessGatesNotReady', message: closed.join(', ') }
  const own = [
    { type: 'PodReadyToStartContainers', holds: podIP !== undefined && !over },
    { type: 'Initialized', holds: initialized, why: { reason: 'ContainersNotInitialized' } },
    { type: 'Ready', holds: ready, why: containersReady ? gateWhy : why },
    { type: 'ContainersReady', holds: containersReady, why },
    { type: 'PodScheduled', holds: true },
  ].map(({ type, holds, why }) => {
    const status = holds ? 'True' : 'False'
    const before = pod.status?.conditions?.find((one) => one.type === type)
    const since = before?.status === status ? (before.lastTransitionTime as unknown as string) : undefined
    return { type, status, lastTransitionTime: since ?? facts.now, ...(holds ? {} : why) }
  })
  const names = new Set(own.map(({ type }) => type))
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !names.has(type))
  return [...(own as unknown as V1PodCondition[]), ...foreign]
}

function statusOf(pod: V1Pod, type: string): string | undefined {
  return pod.status?.conditions?.find((one) => one.type === type)?.status
}
