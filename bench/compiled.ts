/** What is measured is what the image runs: compiled JavaScript, made from the sources at the start of the run. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Launch } from '../test/bench/fixtures/port80.ts'
import { serverCore } from './load.ts'

const root = join(import.meta.dirname, '..')

/** The entry of the image. */
export const compiled = join(root, 'dist/cli.js')
export const compiledOnServerCore: Launch = { entry: compiled, pinning: serverCore }

/** `npm run build`; rejects with the compiler's words. */
export async function compile(): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const run = promisify(execFile)
  await run(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')]).catch(
    (error: { stdout?: string }) => {
      throw new Error(`the sources do not compile:\n${error.stdout ?? ''}`)
    },
  )
}
