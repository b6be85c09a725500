/**
 * The image, built from the Dockerfile by buildah without a container engine or a registry: its base is made here, of
 * Debian's packages (mmdebstrap) and the Node that npm brought to this checkout. Needs root.
 */
import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { installed } from './install.ts'
import { onPath } from './debian.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const environment = { ...process.env, BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs' }
/** Names in the local storage of buildah; nothing is ever fetched or sent under them. */
const runtimeBase = 'localhost/port80-runtime-base'
const buildBase = 'localhost/port80-build-base'
/** Roots that this machine trusts beyond the usual: npm inside the build stage must reach the registry as npm here does. */
const trusted = '/etc/ssl/certs/ca-certificates.crt'

export interface Image {
  readonly name: string
  /** The image's own description (OCI config). */
  readonly config: ImageConfig
  /** A folder with the files of the image. */
  readonly mount: string
  remove(): Promise<void>
}

export interface ImageConfig {
  readonly User: string
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Env: readonly string[]
  readonly Healthcheck?: { readonly Test: readonly string[] }
}

/** Builds the Dockerfile of this checkout and mounts the result. Rejects with the end of buildah's output. */
export async function buildImage(name: string): Promise<Image> {
  await ensureBases()
  const bases = ['--build-arg', `BASE=${buildBase}`, '--build-arg', `RUNTIME_BASE=${runtimeBase}`]
  // OCI images have no health check; Docker's format has.
  await buildah('bud', '--format', 'docker', '--pull-never', ...bases, '--tag', name, root)
  const container = await buildah('from', '--pull-never', name)
  const described = JSON.parse(await buildah('inspect', '--type', 'image', name)) as {
    Docker: { config: ImageConfig }
  }
  return {
    name,
    config: described.Docker.config,
    mount: await buildah('mount', container),
    async remove() {
      await buildah('rm', container)
      await buildah('rmi', name)
    },
  }
}

async function ensureBases(): Promise<void> {
  const known = await buildah('images', '--format', '{{.Name}}')
  if (known.split('\n').includes(buildBase)) return
  const debian = (await installed('debian-base')).path
  const container = await buildah('from', 'scratch')
  try {
    await buildah('add', container, debian, '/')
    const node = join(root, `node_modules/node-linux-${process.arch}/bin/node`)
    if (!existsSync(node)) throw new Error(`the image needs ${node}: run npm ci`)
    await buildah('add', container, node, '/usr/local/bin/node')
    await buildah('config', '--env', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', container)
    await buildah('commit', container, runtimeBase)
    const npm = dirname(dirname(realpathSync(onPath('npm') ?? '')))
    await buildah('add', container, npm, '/usr/local/lib/node_modules/npm')
    const link = ['ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm']
    await buildah('run', container, '--', ...link)
    if (existsSync(trusted)) {
      await buildah('add', container, trusted, trusted)
      await buildah('config', '--env', `NODE_EXTRA_CA_CERTS=${trusted}`, container)
    }
    await buildah('commit', container, buildBase)
  } finally {
    await buildah('rm', container)
  }
}

async function buildah(...args: string[]): Promise<string> {
  const { path } = await installed('buildah')
  try {
    const { stdout } = await run(path, args, { env: environment, maxBuffer: 64 << 20 })
    return stdout.trim()
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`buildah ${args[0]} failed:\n${`${stdout}\n${stderr}`.slice(-3_000)}`)
  }
}
