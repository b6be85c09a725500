/** The three parts of the walk-through, started in the order in which they need each other. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestCa, type TestCa } from '../ca/test-ca.ts'
import { startGateway, type Gateway } from '../gateway.ts'
import { startPort80, type Port80 } from './port80.ts'
import type { BrokenStage } from './mistake.ts'
import { shown, type Stage } from './stage.ts'
import type { Story } from './story.ts'

export interface Parts {
  readonly ca: TestCa
  readonly gateway: Gateway
  readonly port80: Port80
  /** Serials (hex, capital letters) of what the CA has issued since the start; live. */
  readonly issued: ReadonlySet<string>
}

/** What was started so far; ends it in reverse. */
export class Running {
  readonly #stops: (() => Promise<unknown>)[] = []

  add(stop: () => Promise<unknown>): void {
    this.#stops.unshift(stop)
  }

  /** Each is tried, also after one that fails; idempotent. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop().catch(() => undefined)
  }
}

/** Part of the certificate's lifetime after which the CA asks for the first renewal. */
const earlyPart = 0.075

/** By when the first renewal has come: port80 asks for the window at least every tenth of the lifetime or minute. */
export function firstRenewalWithinSeconds(lifetimeSeconds: number): number {
  return lifetimeSeconds * earlyPart + Math.min(lifetimeSeconds / 10, 66)
}

/** Rejects when a part cannot start, port80 ends, or the signal aborts; what was started is in `running` then. */
export async function startParts(
  stage: Stage & Partial<BrokenStage>,
  lifetimeSeconds: number,
  { running, story, signal }: { running: Running; story: Story; signal: AbortSignal },
): Promise<Parts> {
  const { ports } = stage
  const issued = new Set<string>()
  const ca = await startCa(stage, lifetimeSeconds, (serial) => issued.add(serial))
  running.add(() => ca.stop())
  signal.throwIfAborted()
  story.done('test CA', `${ca.directoryUrl}, its root is ${shown(ca.rootPemPath)} (trust it nowhere else)`)

  const gateway = await startGateway({ directory: stage.folders.certificates, port: ports.gateway.port })
  running.add(() => gateway.stop())
  signal.throwIfAborted()
  const folder = shown(stage.folders.certificates)
  story.done('gateway', `https://localhost:${gateway.port} serves what comes into ${folder}`)

  const port80 = await startServe(stage, running, signal)
  const log = shown(stage.files.log)
  story.done(
    'port80',
    `http://localhost:${ports.public.port} as ${shown(stage.config)} says; pid ${port80.pid}, log in ${log}`,
  )
  return { ca, gateway, port80, issued }
}

function startCa(
  stage: Stage & Partial<BrokenStage>,
  lifetimeSeconds: number,
  onSerial: (serial: string) => void,
): Promise<TestCa> {
  const { ports, folders } = stage
  const span = Math.round(lifetimeSeconds * earlyPart)
  return startTestCa({
    directory: folders.ca,
    port: ports.ca.port,
    validationPort: stage.validationPort ?? ports.public.port,
    httpsValidationPort: ports.gateway.port,
    lifetimeSeconds,
    earlyRenewal: { afterSeconds: span, forSeconds: span },
    renewalRetryAfterSeconds: 15,
    onEvent: (event) => {
      if (event.kind === 'certificate') onSerial(event.serial)
    },
  })
}

/** Resolves when its admin server answers. */
async function startServe(
  { config, files, ports }: Stage,
  running: Running,
  signal: AbortSignal,
): Promise<Port80> {
  await mkdir(path.dirname(files.log), { recursive: true, mode: 0o700 })
  const port80 = startPort80({ config, logFile: files.log, pidFile: files.pid, adminPort: ports.admin.port })
  running.add(() => port80.stop())
  while ((await Promise.race([port80.status(), port80.crashed])) === undefined) {
    signal.throwIfAborted()
    await sleep(20)
  }
  return port80
}
