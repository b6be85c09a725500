/** The volumes of one pod: what is in them, and keeping it up to date while the pod runs. */
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type {
  V1DownwardAPIVolumeFile,
  V1KeyToPath,
  V1Pod,
  V1SecretVolumeSource,
  V1Volume,
  V1VolumeProjection,
} from '@kubernetes/client-node'
import type { Api } from './api.ts'
import { fieldOf, Missing, resourceOf, type Placed, type Sources } from './environment.ts'
import { writeVolume, type VolumeFile } from './volume-files.ts'

export interface Volumes {
  /** Where the volume lies on the machine; undefined for a name that the pod does not have. */
  folder(name: string): string | undefined
  /** Writes what has changed. Rejects with Missing when something that is not optional is not there. */
  refresh(): Promise<void>
}

export interface VolumesOf {
  /** As it is now: labels and annotations may change. */
  readonly pod: () => V1Pod
  readonly placed: Placed
  readonly sources: Sources
  readonly api: Api
  /** Of the pod, on the machine. */
  readonly directory: string
}

interface Token {
  readonly value: string
  readonly renewAt: number
}

export function podVolumes(of: VolumesOf): Volumes {
  const tokens = new Map<string, Token>()
  const group = of.pod().spec?.securityContext?.fsGroup
  const folderOf = (name: string) => join(of.directory, 'volumes', name)
  const make = (volume: V1Volume): string => {
    if (volume.hostPath) return volume.hostPath.path
    const folder = folderOf(volume.name)
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, volume.emptyDir ? 0o777 : 0o755)
    if (group !== undefined && volume.emptyDir) {
      chownSync(folder, 0, group)
      chmodSync(folder, 0o2777)
    }
    return folder
  }
  const folders = new Map((of.pod().spec?.volumes ?? []).map((volume) => [volume.name, make(volume)]))
  let writing = Promise.resolve()
  const write = async () => {
    for (const volume of of.pod().spec?.volumes ?? []) {
      if (volume.emptyDir || volume.hostPath) continue
      writeVolume(folderOf(volume.name), await filesOf(volume, of, tokens), group)
    }
  }
  return {
    folder: (name) => folders.get(name),
    refresh() {
      // One after the other: what was read first must not be written last.
      const written = writing.then(write)
      writing = written.catch(() => undefined)
      return written
    },
  }
}

async function filesOf(
  volume: V1Volume,
  of: VolumesOf,
  tokens: Map<string, Token>,
): Promise<Map<string, VolumeFile>> {
  const { secret, projected } = volume
  if (!projected) return projection({ ...volume, ...(secret && { secret: named(secret) }) }, { of, tokens })
  const { sources = [], defaultMode } = projected
  const parts = await Promise.all(sources.map((source) => projection(source, { of, tokens, defaultMode })))
  return new Map(parts.flatMap((part) => [...part]))
}

/** A volume of a Secret names it otherwise than a projection does. */
const named = (secret: V1SecretVolumeSource) => ({ ...secret, name: secret.secretName })

type Source = Pick<V1VolumeProjection, 'serviceAccountToken'> & {
  readonly configMap?: Selection
  readonly secret?: Selection
  readonly downwardAPI?: { readonly items?: V1DownwardAPIVolumeFile[]; readonly defaultMode?: number }
}

async function projection(
  { configMap, secret, downwardAPI, serviceAccountToken }: Source,
  {
    of,
    tokens,
    defaultMode,
  }: { of: VolumesOf; tokens: Map<string, Token>; defaultMode?: number | undefined },
): Promise<Map<string, VolumeFile>> {
  if (configMap) return keyed((name) => of.sources.configMap(name), { defaultMode, ...configMap })
  if (secret) return keyed((name) => of.sources.secret(name), { defaultMode, ...secret })
  if (downwardAPI) return downward(downwardAPI.items ?? [], of, downwardAPI.defaultMode ?? defaultMode)
  if (!serviceAccountToken) throw new Missing('a volume is of a kind that this runner does not have')
  const { path, audience, expirationSeconds = 3600 } = serviceAccountToken
  const content = Buffer.from(await tokenFor(of, { audience, expirationSeconds }, tokens))
  return new Map([[path, { content, mode: defaultMode ?? usualMode }]])
}

const usualMode = 0o644

interface Selection {
  readonly name?: string
  readonly items?: readonly V1KeyToPath[]
  readonly optional?: boolean
  readonly defaultMode?: number | undefined
}

function keyed(
  read: (name: string) => Readonly<Record<string, Buffer>> | undefined,
  { name = '', items, optional = false, defaultMode = usualMode }: Selection,
): Map<string, VolumeFile> {
  const data = read(name)
  if (!data) {
    if (optional) return new Map()
    throw new Missing(`"${name}" not found`)
  }
  const wanted = items ?? Object.keys(data).map((key): V1KeyToPath => ({ key, path: key }))
  const files = new Map<string, VolumeFile>()
  for (const { key, path, mode = defaultMode } of wanted) {
    const content = data[key]
    if (content) files.set(path, { content, mode })
    else if (!optional) throw new Missing(`"${name}" has no key ${key}`)
  }
  return files
}

function downward(
  items: readonly V1DownwardAPIVolumeFile[],
  of: VolumesOf,
  usual = usualMode,
): Map<string, VolumeFile> {
  return new Map(
    items.map(({ path, mode = usual, fieldRef, resourceFieldRef }) => {
      const text = fieldRef
        ? fieldOf(of.pod(), of.placed, fieldRef.fieldPath)
        : resourceOf(resourceFieldRef?.resource ?? '')
      return [path, { content: Buffer.from(text), mode }]
    }),
  )
}

/** Bound to the pod, so that it is worth nothing any more once the Pod is deleted; renewed after 80 % of its time. */
async function tokenFor(
  of: VolumesOf,
  wanted: { readonly audience: string | undefined; readonly expirationSeconds: number },
  tokens: Map<string, Token>,
): Promise<string> {
  const id = JSON.stringify(wanted)
  const known = tokens.get(id)
  if (known && Date.now() < known.renewAt) return known.value
  const { metadata, spec } = of.pod()
  const account = spec?.serviceAccountName ?? 'default'
  const { status } = await of.api.ask<{ status: { token: string; expirationTimestamp: string } }>(
    'POST',
    `/api/v1/namespaces/${metadata?.namespace}/serviceaccounts/${account}/token`,
    {
      ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' },
      spec: {
        ...(wanted.audience && { audiences: [wanted.audience] }),
        expirationSeconds: wanted.expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: metadata?.name, uid: metadata?.uid },
      },
    },
  )
  const livesMs = Date.parse(status.expirationTimestamp) - Date.now()
  tokens.set(id, { value: status.token, renewAt: Date.now() + livesMs * 0.8 })
  return status.token
}
