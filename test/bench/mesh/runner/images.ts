/**
 * What stands behind the image names of Pods: no registry can be reached and there is no engine, so that an image is a
 * program of this machine, or the unpacked root folder of an image that was really built.
 */

export interface Image {
  /** As ENTRYPOINT. */
  readonly entrypoint: readonly string[]
  /** As CMD. */
  readonly cmd?: readonly string[]
  /** As ENV. PATH has the machine's usual folders unless it is given. */
  readonly env?: Readonly<Record<string, string>>
  /** As WORKDIR; `/` unless given. */
  readonly workingDir?: string
  /** As USER; 0:0 unless given. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** Absolute folder with the image's files; the machine's own `/` unless given. Never written to. */
  readonly root?: string
  /**
   * Absolute folders of the machine to be seen at the same place, read-only: the container's /tmp is its own, so that
   * anything that lies there, or on another file system, is named here.
   */
  readonly folders?: readonly string[]
}

export interface Images {
  /** By the whole name, else by the name without tag and digest; undefined: as if it could not be pulled. */
  find(image: string): Image | undefined
  /** From now on; containers that run stay as they are. */
  set(image: string, what: Image): void
}

export function imageRegistry(images: Readonly<Record<string, Image>>): Images {
  const known = new Map(Object.entries(images))
  return {
    find: (image) => known.get(image) ?? known.get(withoutTag(image)),
    set: (image, what) => void known.set(image, what),
  }
}

/** `host:5000/name:tag@sha256:…` → `host:5000/name`. */
function withoutTag(image: string): string {
  const name = image.split('@')[0] ?? ''
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}
