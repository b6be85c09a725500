/** What a pod finds around it, and the last word about it. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { V1Container, V1Pod } from '@kubernetes/client-node'
import type { Network, PodNetwork } from '../network.ts'
import { ApiError, type Api } from './api.ts'
import { hostnameOf } from './container-launch.ts'
import type { Mount } from './launch.ts'
import type { ContainerReport } from './status.ts'

const run = promisify(execFile)

export interface ContainerSpec {
  readonly spec: V1Container
  readonly role: ContainerReport['role']
  readonly policy: string
}

/** In the order in which they are started. */
export function containersOf({ spec }: V1Pod): ContainerSpec[] {
  const ofPod = spec?.restartPolicy ?? 'Always'
  const inits = (spec?.initContainers ?? []).map((one): ContainerSpec => {
    if (one.restartPolicy === 'Always') return { spec: one, role: 'sidecar', policy: 'Always' }
    return { spec: one, role: 'init', policy: ofPod === 'Never' ? 'Never' : 'OnFailure' }
  })
  const mains = (spec?.containers ?? []).map((one): ContainerSpec => ({
    spec: one,
    role: 'main',
    policy: ofPod,
  }))
  return [...inits, ...mains]
}

export interface Setting {
  readonly network: PodNetwork
  readonly directory: string
  readonly clusterDomain: string
  /** IPv4 address of the cluster's resolver. */
  readonly resolver: string
}

/** /etc/resolv.conf, /etc/hosts and /etc/hostname, as kubelet makes them for the policy ClusterFirst. */
export function writeEtcFiles(pod: V1Pod, setting: Setting): Mount[] {
  const namespace = pod.metadata?.namespace ?? ''
  const { network, directory, clusterDomain, resolver } = setting
  const search = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain].join(' ')
  const hostname = hostnameOf(pod)
  const aliases = (pod.spec?.hostAliases ?? []).map(
    ({ ip, hostnames = [] }) => `${ip} ${hostnames.join(' ')}`,
  )
  const files = {
    'resolv.conf': [`search ${search}`, `nameserver ${resolver}`, 'options ndots:5'],
    hosts: ['127.0.0.1 localhost', `${network.ip} ${hostname}`, ...aliases],
    hostname: [hostname],
  }
  return Object.entries(files).map(([file, lines]) => {
    const source = join(directory, file)
    writeFileSync(source, `${lines.join('\n')}\n`)
    return { source, target: `/etc/${file}`, readOnly: true }
  })
}

export async function applySysctls(pod: V1Pod, network: Network, at: PodNetwork): Promise<void> {
  for (const { name, value } of pod.spec?.securityContext?.sysctls ?? []) {
    const [command = '', ...args] = network.inside(at, ['sysctl', '-qw', `${name}=${value}`])
    await run(command, args)
  }
}

/** The Pod is taken out of the API, unless it is gone or another one of the same name. Again until that is certain. */
export async function deletePod(api: Api, path: string, uid: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await api.ask('DELETE', path, { gracePeriodSeconds: 0, preconditions: { uid } })
      return
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return
      await pause(500)
    }
  }
}
