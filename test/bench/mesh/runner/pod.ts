/** One pod on the node, from its binding to its end: network, volumes, containers in order, status, deletion. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { V1Container, V1Pod } from '@kubernetes/client-node'
import type { Network, PodNetwork } from '../network.ts'
import type { Api } from './api.ts'
import { containerLaunch } from './container-launch.ts'
import { startProcess } from './container-process.ts'
import { instant, runContainer, type BackOff, type ContainerRun } from './container.ts'
import { Missing, type Sources } from './environment.ts'
import type { Images } from './images.ts'
import type { Mount } from './launch.ts'
import { applySysctls, containersOf, deletePod, writeEtcFiles, type ContainerSpec } from './pod-setting.ts'
import { podStatus, type ContainerReport } from './status.ts'
import { statusWriter } from './status-writer.ts'
import { podVolumes, type Volumes } from './volumes.ts'

export interface PodRun {
  /** As it was last seen. */
  object(): V1Pod
  network(): PodNetwork | undefined
  container(name?: string): ContainerRun | undefined
  /** The Pod has changed; a deletion that begins is carried out. */
  update(pod: V1Pod): void
  /** ConfigMaps, Secrets or tokens may have changed. */
  refresh(): void
  /** Ends it at once without a word to the API server: the Pod is gone, or the node goes. */
  abandon(): Promise<void>
}

export interface Node {
  readonly network: Network
  readonly api: Api
  readonly images: Images
  readonly hostIP: string
  readonly backOff: BackOff
  readonly clusterDomain: string
  /** IPv4 address of the cluster's resolver. */
  readonly resolver: string
  /** Folder of a pod's logs, which outlive it. */
  readonly logs: (pod: V1Pod) => string
  readonly sources: (namespace: string) => Sources
  /** Service links and the way to the API server. */
  readonly clusterEnv: (pod: V1Pod) => Readonly<Record<string, string>>
}

const tryAgainMs = 500

export function runPod(first: V1Pod, directory: string, node: Node): PodRun {
  const { name = '', namespace = '', uid = '' } = first.metadata ?? {}
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`
  const specs = containersOf(first)
  const runs = new Map<string, ContainerRun>()
  const startTime = instant()
  /** It is to end; nothing more is started. */
  const leaving = new AbortController()
  /** Nobody asks any more. */
  const gone = new AbortController()
  let pod = first
  let network: PodNetwork | undefined
  let volumes: Volumes | undefined
  let etcFiles: readonly Mount[] = []
  let waiting: { reason: string; message?: string } = { reason: 'ContainerCreating' }
  let [ended, cleared] = [false, false]

  const placed = () => ({ podIP: network?.ip ?? '', hostIP: node.hostIP })
  const writer = statusWriter({
    ...{ api: node.api, path, uid },
    status() {
      const containers = specs.map((one) => runs.get(one.spec.name)?.report() ?? unstarted(one, waiting))
      const facts = { containers, hostIP: node.hostIP, podIP: network?.ip, startTime, now: instant() }
      return podStatus(pod, facts, ended)
    },
  })

  const place = async () => {
    mkdirSync(directory, { recursive: true })
    mkdirSync(node.logs(first), { recursive: true })
    network = await node.network.pod(`${namespace}-${name}-${uid.slice(0, 8)}`)
    await applySysctls(first, node.network, network)
    etcFiles = writeEtcFiles(first, { ...node, network, directory })
    const { api } = node
    volumes = podVolumes({
      ...{ placed: placed(), directory, api, pod: () => pod, sources: node.sources(namespace) },
    })
  }

  /** Resolves when it has gone well, or the pod leaves. */
  const insist = async (act: () => Promise<void>, reason: string) => {
    while (!leaving.signal.aborted) {
      try {
        return await act()
      } catch (error) {
        waiting = { reason, message: (error as Error).message }
        void writer.tell()
        await pause(tryAgainMs)
      }
    }
  }

  const process = (spec: V1Container, life: number) => {
    const image = node.images.find(spec.image ?? '')
    if (!image) throw new Error(`no image "${spec.image}" is registered with the runner`)
    if (!network) throw new Missing('the pod has no network')
    const at = network
    const folder = join(directory, 'containers', spec.name)
    mkdirSync(folder, { recursive: true })
    const launch = containerLaunch({
      ...{ pod, image, container: spec, base: join(folder, 'root'), placed: placed(), mounts: etcFiles },
      sources: node.sources(namespace),
      volume: (wanted) => volumes?.folder(wanted),
      clusterEnv: node.clusterEnv(first),
    })
    return startProcess({
      launch,
      inside: (argv) => node.network.inside(at, argv),
      scriptFile: join(folder, 'launch.sh'),
      logFile: join(node.logs(first), `${spec.name}-${life}.log`),
    })
  }

  const start = ({ spec, role, policy }: ContainerSpec): ContainerRun => {
    const run = runContainer({
      ...{ spec, role, backOff: node.backOff, podIP: network?.ip ?? '' },
      restarts: (code) => policy === 'Always' || (policy === 'OnFailure' && code !== 0),
      graceMs: (first.spec?.terminationGracePeriodSeconds ?? 30) * 1000,
      changed: () => void writer.tell(),
      start: (life) => process(spec, life),
    })
    runs.set(spec.name, run)
    return run
  }

  const ofRole = (role: ContainerReport['role']) =>
    specs.filter((one) => one.role === role).flatMap(({ spec }) => runs.get(spec.name) ?? [])

  const startAll = async () => {
    for (const one of specs) {
      if (leaving.signal.aborted) return
      const run = start(one)
      if (one.spec.lifecycle?.postStart) await run.posted
      if (one.role === 'sidecar') await run.begun
      if (one.role !== 'init') continue
      await run.over
      const { state } = run.report()
      if (state.is !== 'terminated' || state.exitCode !== 0) return
    }
    await Promise.all(ofRole('main').map((run) => run.over))
    await stopSidecars(performance.now() + 30_000)
  }
  const stopSidecars = async (deadline: number) => {
    for (const sidecar of ofRole('sidecar').toReversed()) await sidecar.stop(deadline)
  }

  const whole = (async () => {
    await insist(place, 'FailedCreatePodSandBox')
    await insist(async () => volumes?.refresh(), 'ContainerCreating')
    await writer.tell()
    await startAll()
  })()

  const end = async (graceMs: number) => {
    leaving.abort()
    const deadline = performance.now() + graceMs
    await Promise.all([...ofRole('main'), ...ofRole('init')].map((run) => run.stop(deadline)))
    await stopSidecars(deadline)
    await whole
  }
  const clear = async () => {
    gone.abort()
    writer.close()
    if (cleared) return
    cleared = true
    await network?.remove()
    rmSync(directory, { recursive: true, force: true })
  }
  const leave = async () => {
    await end((pod.metadata?.deletionGracePeriodSeconds ?? 30) * 1000)
    ended = true
    await writer.tell()
    await deletePod(node.api, path, uid, gone.signal)
    await clear()
  }
  return {
    ...{ object: () => pod, network: () => network },
    container: (wanted) => runs.get(wanted ?? first.spec?.containers[0]?.name ?? ''),
    update(next) {
      pod = next
      if (next.metadata?.deletionTimestamp === undefined) void writer.tell()
      else if (!leaving.signal.aborted) void leave()
    },
    refresh: () => void volumes?.refresh().catch(() => undefined),
    async abandon() {
      gone.abort()
      writer.close()
      const killing = setInterval(() => runs.forEach((run) => run.kill('SIGKILL')), 50)
      await end(0)
      clearInterval(killing)
      await clear()
    },
  }
}

function unstarted(
  { spec, role }: ContainerSpec,
  waiting: { readonly reason: string; readonly message?: string },
): ContainerReport {
  return {
    ...{ name: spec.name, image: spec.image ?? '', role, restarts: 0, started: false, ready: false },
    state: { is: 'waiting', ...waiting },
  }
}
