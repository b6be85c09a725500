/** What is measured is what the image runs: the bundle, made from the sources at the start of the run. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Launch } from '../test/bench/fixtures/port80.ts'
import { serverCore } from './load.ts'

const root = join(import.meta.dirname, '..')

/** The entry of the image. */
export const compiled = join(root, 'dist/start.js')
/** The flags of the image's entry point (Dockerfile). */
export const imageFlags = [
  '--max-semi-space-size=4',
  '--single-threaded-gc',
  '--no-allocation-site-pretenuring',
] as const
/** What the Dockerfile sets beside NODE_ENV. */
export const imageEnvironment = { MALLOC_ARENA_MAX: '2' } as const
/** As the image runs it. */
export const compiledLaunch: Launch = { entry: compiled, flags: imageFlags, env: imageEnvironment }
export const compiledOnServerCore: Launch = { ...compiledLaunch, pinning: serverCore }

/** `npm run build`; rejects with its words. */
export async function compile(): Promise<void> {
  const run = promisify(execFile)
  await run(process.execPath, [join(root, 'build.ts')]).catch((error: { stderr?: string }) => {
    throw new Error(`the sources do not build:\n${error.stderr ?? ''}`)
  })
}
