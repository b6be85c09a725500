/**
 * The shell script that turns a process into a container. It runs as root in fresh mount, pid and uts namespaces and ends
 * as the container's program, so that pid 1 of the namespace is the program itself, with what that means for signals.
 *
 * The root is an overlay over the machine's `/` (or an image's folder) whose upper layer is a tmpfs of the mount namespace:
 * any mount path can be made without touching the machine, and nothing is left when the process ends.
 */

export interface Mount {
  readonly source: string
  /** Absolute path in the container. */
  readonly target: string
  readonly readOnly: boolean
}

export interface Launch {
  /** Empty folder to mount on. */
  readonly base: string
  /** Folder of the image. */
  readonly root: string
  readonly hostname: string
  readonly mounts: readonly Mount[]
  /** Folders of the machine, read-only at their own place. */
  readonly folders: readonly string[]
  readonly readOnlyRoot: boolean
  readonly user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
  readonly noNewPrivileges: boolean
  readonly dropAllCapabilities: boolean
  /** Those that are left when all are dropped, as `net_admin`. */
  readonly addedCapabilities: readonly string[]
  readonly workingDir: string
  readonly env: Readonly<Record<string, string>>
  readonly argv: readonly string[]
}

/** One word for a POSIX shell. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

export function launchScript(launch: Launch): string {
  const { base, root, hostname, readOnlyRoot } = launch
  const mounts = sortedByDepth(launch.mounts)
  return `set -e
trap 'exit 143' TERM
B=${quoted(base)}
R=$B/root
mount -t tmpfs -o mode=755 tmpfs "$B"
mkdir "$B/upper" "$B/work" "$R"
chmod 755 "$B/upper"
mount -t overlay overlay -o lowerdir=${quoted(root)},upperdir="$B/upper",workdir="$B/work" "$R"
in_root() { chroot "$R" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
# Links are followed as the container sees them: /var/run leads to its own /run.
put() {
  T=$(in_root realpath -m "$2")
  if [ -d "$1" ]; then in_root mkdir -p "$T"; else in_root mkdir -p "$(dirname "$T")"; in_root touch "$T"; fi
  mount --rbind "$1" "$R$T"
  [ "$3" = rw ] || close "$2"
}
close() { mount -o remount,bind,ro "$R$(in_root realpath -m "$1")"; }
# A folder below somebody's home is reached by any uid; what lies in another folder of the kind stays as it is.
reach() { D=$(dirname "$1"); while [ "$D" != / ]; do chmod o+x "$R$D" 2>/dev/null || :; D=$(dirname "$D"); done; }
mkdir -p "$R/proc" "$R/sys" "$R/dev" "$R/tmp" "$R/run" "$R/etc"
mount -t proc proc "$R/proc"
mount -t sysfs -o ro sysfs "$R/sys"
mount --rbind /dev "$R/dev"
mount -t tmpfs -o mode=1777 tmpfs "$R/tmp"
mount -t tmpfs -o mode=755 tmpfs "$R/run"
rm -f "$R/etc/resolv.conf" "$R/etc/hosts" "$R/etc/hostname"
${launch.folders.map((folder) => `put ${quoted(folder)} ${quoted(folder)} ro; reach ${quoted(folder)}`).join('\n')}
${mounts.map(putMount).join('\n')}
${mounts.map(closeMount).join('\n')}
${launch.workingDir === '/' ? '' : `in_root mkdir -p ${quoted(launch.workingDir)}`}
${readOnlyRoot ? 'for P in tmp run .; do mount -o remount,bind,ro "$R/$P"; done' : ''}
hostname ${quoted(hostname)}
exec chroot "$R" /bin/sh -c 'cd "$1"; shift; exec "$@"' sh ${[launch.workingDir, ...program(launch)].map(quoted).join(' ')}
`
}

/** A mount inside another one comes after it. */
function sortedByDepth(mounts: readonly Mount[]): readonly Mount[] {
  return mounts.toSorted((a, b) => a.target.split('/').length - b.target.split('/').length)
}

function putMount({ source, target }: Mount): string {
  return `put ${quoted(source)} ${quoted(target)} rw`
}

/** Last: the place of a mount within a volume is made in that volume. */
function closeMount({ target, readOnly }: Mount): string {
  return readOnly ? `close ${quoted(target)}` : ''
}

/** The program with its environment and nothing of ours, under the user that was asked for. */
export function program(
  launch: Pick<
    Launch,
    'user' | 'noNewPrivileges' | 'dropAllCapabilities' | 'addedCapabilities' | 'env' | 'argv'
  >,
): string[] {
  const { uid, gid, groups } = launch.user
  const left = ['-all', ...launch.addedCapabilities.map((name) => `+${name}`)].join(',')
  const changed = launch.dropAllCapabilities ? [`--bounding-set=${left}`, '--inh-caps=-all'] : []
  return [
    ...['setpriv', '--reuid', String(uid), '--regid', String(gid)],
    ...(groups.length > 0 ? ['--groups', groups.join(',')] : ['--clear-groups']),
    ...(launch.noNewPrivileges ? ['--no-new-privs'] : []),
    ...changed,
    // The change of the user forgets who dies with whom.
    ...['--pdeathsig', 'KILL', '--', 'env', '-i'],
    ...Object.entries(launch.env).map(([name, value]) => `${name}=${value}`),
    ...launch.argv,
  ]
}
