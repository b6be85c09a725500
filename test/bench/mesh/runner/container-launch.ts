/** What a Pod's spec asks of one of its containers, as a launch: user, mounts, environment, command line. */
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { V1Container, V1Pod } from '@kubernetes/client-node'
import { commandLine, environment, Missing, type Placed, type Sources } from './environment.ts'
import type { Image } from './images.ts'
import type { Launch, Mount } from './launch.ts'

export interface LaunchOf {
  readonly pod: V1Pod
  readonly container: V1Container
  readonly image: Image
  readonly placed: Placed
  readonly sources: Sources
  /** Folder on the machine of the pod's volume. */
  readonly volume: (name: string) => string | undefined
  /** Files that every container of the pod has: resolv.conf, hosts, hostname. */
  readonly mounts: readonly Mount[]
  /** Service links and the way to the API server. */
  readonly clusterEnv: Readonly<Record<string, string>>
  readonly base: string
}

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Throws Missing when the container cannot be made (yet). */
export function containerLaunch(of: LaunchOf): Launch {
  const { pod, container, image, base } = of
  const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = container.securityContext ?? {}
  const hostname = hostnameOf(pod)
  const imageEnv = { PATH: usualPath, HOSTNAME: hostname, HOME: '/', ...image.env }
  const env = environment({ ...of, base: { ...imageEnv, ...of.clusterEnv } })
  const { root = '/', folders = [], workingDir = '/' } = image
  return {
    ...{ base, hostname, env, root, folders },
    mounts: [...of.mounts, ...(container.volumeMounts ?? []).map((mount) => volumeMount(mount, of, env))],
    readOnlyRoot: readOnlyRootFilesystem === true,
    user: userOf(of),
    noNewPrivileges: allowPrivilegeEscalation === false,
    dropAllCapabilities: capabilities?.drop?.includes('ALL') === true,
    addedCapabilities: (capabilities?.add ?? []).map((name) => name.toLowerCase().replace(/^cap_/, '')),
    workingDir: container.workingDir ?? workingDir,
    argv: commandLine(container, image, env),
  }
}

export function hostnameOf({ metadata, spec }: V1Pod): string {
  return spec?.hostname ?? metadata?.name ?? ''
}

/** The container's own word, else the pod's, else the image's. */
function userOf({ pod, container, image }: LaunchOf): Launch['user'] {
  const { fsGroup, supplementalGroups = [], ...ofPod } = pod.spec?.securityContext ?? {}
  const ofImage = { runAsUser: image.user?.uid ?? 0, runAsGroup: image.user?.gid ?? 0 }
  const { runAsUser, runAsGroup, runAsNonRoot } = { ...ofImage, ...ofPod, ...container.securityContext }
  if (runAsNonRoot === true && runAsUser === 0)
    throw new Missing('container has runAsNonRoot and image will run as root')
  const groups = fsGroup === undefined ? supplementalGroups : [...supplementalGroups, fsGroup]
  return { uid: runAsUser, gid: runAsGroup, groups }
}

function volumeMount(
  mount: NonNullable<V1Container['volumeMounts']>[number],
  of: LaunchOf,
  env: Readonly<Record<string, string>>,
): Mount {
  const folder = of.volume(mount.name)
  if (folder === undefined) throw new Missing(`volume "${mount.name}" not found`)
  const source = join(folder, subPath(mount, env))
  if (!existsSync(source)) mkdirSync(source, { recursive: true })
  const volume = of.pod.spec?.volumes?.find(({ name }) => name === mount.name)
  const writable = volume?.emptyDir !== undefined || volume?.hostPath !== undefined
  // A file of a subPath is the one that is there now: it follows no change, as in a real cluster.
  return {
    source: realpathSync(source),
    target: mount.mountPath,
    readOnly: mount.readOnly === true || !writable,
  }
}

function subPath(
  mount: NonNullable<V1Container['volumeMounts']>[number],
  env: Readonly<Record<string, string>>,
): string {
  if (!mount.subPathExpr) return mount.subPath ?? ''
  return mount.subPathExpr.replace(/\$\((\w+)\)/g, (_, name: string) => env[name] ?? '')
}
