/** Programs of the distribution. */
import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { must } from './cached.ts'

const run = promisify(execFile)

export interface Program {
  readonly version: string
  readonly path: string
}

/** The program on the PATH, installed from that package when it is not there. It cannot be pinned; its version is reported. */
export async function debianProgram(
  name: string,
  debianPackage: string,
  versionArgs: string[],
): Promise<Program> {
  const path = onPath(name) ?? (await aptInstall(name, debianPackage))
  const told = await run(path, versionArgs).catch((error: { stdout?: string; stderr?: string }) => error)
  const version = /\d+\.\d+(\.\d+)?/.exec(`${told.stdout ?? ''}${told.stderr ?? ''}`)?.[0] ?? 'unknown'
  return { version, path }
}

export function onPath(name: string): string | undefined {
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
