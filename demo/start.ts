/**
 * `npm start`: the walk-through. Starts a test CA, a gateway and port80 itself on this machine, shows how two
 * certificates are issued, served and renewed, and ends with everything it started.
 */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { advice } from './walk-through/advice.ts'
import { awaitFindings } from './walk-through/diagnosis.ts'
import { awaitCertificates, NotIssued } from './walk-through/issuance.ts'
import { setBrokenStage, type BrokenStage } from './walk-through/mistake.ts'
import { exitCodes, parseOptions, type ExitCode, type WalkThroughOptions } from './walk-through/options.ts'
import { firstRenewalWithinSeconds, Running, startParts, type Parts } from './walk-through/parts.ts'
import { busyPorts } from './walk-through/ports.ts'
import { leftOver, Port80Ended } from './walk-through/port80.ts'
import { setStage, shown, StageFault, type Stage } from './walk-through/stage.ts'
import { tell } from './walk-through/story.ts'
import { watchRenewals } from './walk-through/watching.ts'

const story = tell({
  write: (text) => void process.stdout.write(text),
  // Knows NO_COLOR, TERM=dumb and the like.
  colour: process.stdout.isTTY && process.stdout.hasColors(),
  elapsed: () => performance.now(),
  clock: () => new Date(),
})

async function main(args: readonly string[]): Promise<ExitCode> {
  const parsed = parseOptions(args)
  if ('help' in parsed) {
    process.stdout.write(parsed.help)
    return exitCodes.done
  }
  if ('fault' in parsed) {
    story.failed(`${parsed.fault}\nTry: npm start -- --help`)
    return exitCodes.usage
  }
  const end = endSignal(parsed.run.forSeconds)
  const running = new Running()
  try {
    const { mistake } = parsed.run
    const stage = mistake ? await setBrokenStage(parsed.run, mistake, running) : await setStage(parsed.run)
    const busy = await busyPorts(stage)
    for (const { port, why } of busy)
      story.failed(
        `port ${port.port} (${port.who}) is busy: ${why}. Set ${port.setting} in ${shown(stage.config)}, ` +
          `or: npm start -- ${port.option} N`,
      )
    const left = busy.length > 0 ? leftOver(stage.files.pid) : undefined
    if (left !== undefined)
      story.line(`An earlier walk-through may have left its port80 behind: kill ${left}`)
    if (busy.length > 0) return exitCodes.portBusy
    return await walkThrough(stage, parsed.run, { running, end })
  } catch (error) {
    if (end.aborted) return exitCodes.done
    return tellFault(error)
  } finally {
    await running.stop()
  }
}

async function walkThrough(
  stage: Stage & Partial<BrokenStage>,
  { lifetimeSeconds }: WalkThroughOptions,
  { running, end }: { running: Running; end: AbortSignal },
): Promise<ExitCode> {
  story.line('port80 walk-through: everything runs on this machine, nothing leaves it.\n')
  const parts = await startParts(stage, lifetimeSeconds, { running, story, signal: end })
  if (stage.mistake) await diagnosed(stage, stage.mistake, parts, end)
  await awaitCertificates(stage, parts, {
    ...{ story, signal: end },
    // Somebody reads, and mends when it is time.
    ...(stage.mistake && { patienceMs: Infinity }),
  })
  const curlVersion = await readCurlVersion()
  const lines = advice({
    publicPort: stage.ports.public.port,
    gatewayPort: parts.gateway.port,
    adminPort: stage.ports.admin.port,
    rootPem: shown(parts.ca.rootPemPath),
    config: shown(stage.config),
    ...(curlVersion !== undefined && { curlVersion }),
  })
  for (const line of ['', ...lines]) story.line(line)
  const minutes = Math.ceil(firstRenewalWithinSeconds(lifetimeSeconds) / 60)
  const within = minutes === 1 ? 'a minute' : `${minutes} minutes`
  story.line(`\nRenewals are shown below as they happen, the first within ${within}. Ctrl-C ends it.\n`)
  const watching = watchRenewals(stage, parts, story)
  try {
    await orEnd(parts.port80.crashed, end).catch((error: unknown) => {
      if (!end.aborted) throw error
    })
  } finally {
    const [sum, ms] = await Promise.all([watching.stop(), parts.port80.stop()])
    story.line(`\nEnded: ${sum}; port80 took ${(ms / 1_000).toFixed(2)} s to end.`)
  }
  return exitCodes.done
}

async function diagnosed(
  stage: Stage,
  { what, file }: BrokenStage['mistake'],
  parts: Parts,
  signal: AbortSignal,
): Promise<void> {
  story.line(`\nWith a mistake (${what}) in front of port80. What it says of that:`)
  await awaitFindings(stage, parts, { story, signal })
  story.line('\nThat mistake is a file here. To mend it, and to order without waiting for the next look:')
  story.line(`  rm ${shown(file)}`)
  for (const { name } of stage.certificates)
    story.line(`  npx port80 issue ${name} --config ${shown(stage.config)}`)
  story.line(
    `\nWaiting for that; http://localhost:${stage.ports.admin.port}/status says the same. Ctrl-C ends it.\n`,
  )
}

/** The signal of the user, of the process manager, or of the clock. Further ones change nothing: the end has its bound. */
function endSignal(forSeconds: number | undefined): AbortSignal {
  const end = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end.abort())
  // `npm start | head`: nobody reads any more.
  process.stdout.on('error', () => end.abort())
  if (forSeconds !== undefined) setTimeout(() => end.abort(), forSeconds * 1_000).unref()
  return end.signal
}

/** The work's outcome, or a rejection as soon as the signal aborts. */
function orEnd<T>(work: Promise<T>, end: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(end.reason as Error)
  if (end.aborted) onAbort()
  end.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, promise])
}

function tellFault(error: unknown): ExitCode {
  if (error instanceof StageFault) {
    story.failed(error.message)
    for (const fault of error.faults) story.line(`  ${fault}`)
    return exitCodes.configuration
  }
  if (error instanceof Port80Ended) {
    story.failed(`${error.message}. The end of its log:`)
    for (const each of error.lastLines) story.line(`  ${each}`)
    return exitCodes.failed
  }
  if (error instanceof NotIssued) {
    story.failed(error.message)
    for (const reason of error.reasons) story.line(`  ${reason}`)
    return exitCodes.failed
  }
  story.failed(error instanceof Error ? (error.stack ?? error.message) : 'failed')
  return exitCodes.failed
}

async function readCurlVersion(): Promise<string | undefined> {
  const asked = promisify(execFile)('curl', ['--version'], { timeout: 1_000 })
  return asked.then(
    ({ stdout }) => stdout,
    () => undefined,
  )
}

process.exitCode = await main(process.argv.slice(2))
// Nothing is left to do; a handle that a library keeps open must not keep the user waiting.
await sleep(0)
process.exit()
