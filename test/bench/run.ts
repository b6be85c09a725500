/**
 * `npm run test:bench`: installs the real peers, then runs each file of the folders in schedule.ts by itself.
 * Arguments choose files by a part of their path (`npm run test:bench -- envoy`, `-- kube/`, `-- mesh/cases`). Takes root,
 * Debian, Go and Python with pip; what is missing is a failure, nothing is skipped. The last line is `N passed, N failed`; the exit code
 * is 0 only when every file ran to its end and nothing failed. `--also P,F` adds the counts of an earlier run.
 */
import { parseArgs } from 'node:util'
import { shareControlPlane } from './mesh/mesh.ts'
import { installed, type PeerName } from './peers/install.ts'
import { canRun, filesMatching, peersOf, type BenchFile } from './schedule.ts'
import { failuresIn, judged, lineOf, type Verdict } from './verdict.ts'

const secondsSince = (began: number) => ((Date.now() - began) / 1000).toFixed(1)

/** Installs one after another, since each build fills the machine by itself; those that could not be had. */
async function install(names: readonly PeerName[]): Promise<PeerName[]> {
  const missing: PeerName[] = []
  for (const [index, name] of names.entries()) {
    const began = Date.now()
    const place = `# peer ${index + 1} of ${names.length}: ${name}`
    try {
      const { version } = await installed(name)
      console.log(`${place} ${version} (${secondsSince(began)} s)`)
    } catch (error) {
      missing.push(name)
      console.log(`${place} MISSING: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return missing
}

/** The control plane of the files of mesh/cases: started for the first that wants it, and anew after one that failed. */
function sharedPlane() {
  let current: ReturnType<typeof shareControlPlane> | undefined
  return {
    async file(): Promise<string> {
      current ??= shareControlPlane()
      return (await current).file
    },
    async end(): Promise<void> {
      const ending = current
      current = undefined
      // One that never started has said so to whoever asked for it.
      await (await ending?.catch(() => undefined))?.close()
    },
  }
}

/** Prints what the file said, then its line. */
async function run(file: BenchFile, env: Readonly<Record<string, string>>): Promise<Verdict> {
  const verdict = await judged(file.path, env)
  console.log(`${verdict.output}\n${lineOf(verdict)}`)
  return verdict
}

/**
 * Two lanes for two cores: in one the files of the mesh, one after another; in the other all else, most of which waits
 * for a CA or a limit; who has done its own helps with what is not of the mesh.
 */
async function runAll(files: readonly BenchFile[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const onMesh = files.filter((file) => file.onMesh)
  const others = files.filter((file) => !file.onMesh)
  const plane = sharedPlane()
  const lane = async () => {
    for (let file = others.shift(); file !== undefined; file = others.shift())
      verdicts.push(await run(file, {}))
  }
  const meshLane = async () => {
    try {
      for (const file of onMesh) {
        const verdict = await run(file, { PORT80_MESH: await plane.file() })
        verdicts.push(verdict)
        // What it has left behind must not be the next one's failure.
        if (verdict.fail > 0) await plane.end()
      }
    } finally {
      await plane.end()
    }
    await lane()
  }
  const ends = await Promise.allSettled([meshLane(), lane()])
  for (const end of ends) {
    if (end.status === 'rejected') verdicts.push(failure(end.reason))
  }
  return verdicts
}

/** Something of the run itself. */
function failure(reason: unknown): Verdict {
  console.error(reason instanceof Error ? reason.message : reason)
  return { path: 'run.ts', output: '', pass: 0, fail: 1, seconds: 0 }
}

async function main(wanted: readonly string[], also: { pass: number; fail: number }): Promise<number> {
  const began = Date.now()
  const verdicts: Verdict[] = []
  let missing: PeerName[] = []
  try {
    const files = filesMatching(wanted)
    missing = await install(peersOf(files))
    verdicts.push(...(await runAll(files.filter((file) => canRun(file, missing)))))
  } catch (error) {
    verdicts.push(failure(error))
  }
  const total = (of: 'pass' | 'fail') => verdicts.reduce((sum, each) => sum + each[of], also[of])
  const [pass, fail] = [total('pass'), total('fail') + missing.length]
  console.log(verdicts.map(lineOf).join('\n'))
  for (const { path, output } of verdicts.filter(({ fail }) => fail > 0))
    console.log([`# failed in ${path}:`, ...failuresIn(output)].join('\n# '))
  if (missing.length > 0) console.log(`# missing, with the files that take them: ${missing.join(', ')}`)
  console.log(`# ${secondsSince(began)} s in all`)
  console.log(`${pass} passed, ${fail} failed`)
  return fail === 0 && pass > 0 ? 0 : 1
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { also: { type: 'string' } } })
const [pass = 0, fail = 0] = (values.also ?? '').split(',').filter(Boolean).map(Number)
// Whatever still holds the process (a socket of a peer that is gone) has nothing to say any more.
process.exit(await main(positionals, { pass, fail }))
