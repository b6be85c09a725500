/**
 * port80 in a mesh of its own, for the figures: installed by its chart, compiled as in the image, three responders, two
 * workers, two gateway pods, and a Pebble without its sleeps.
 */
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { startBenchRunner, type BenchRunner } from '../../test/bench/mesh/fixtures/bench-runner.ts'
import { installPort80, type Installed } from '../../test/bench/mesh/fixtures/install.ts'
import { openMesh, type OwnMesh } from '../../test/bench/mesh/mesh.ts'
import type { Image } from '../../test/bench/mesh/runner/images.ts'
import { compiled, imageEnvironment, imageFlags } from '../compiled.ts'

export interface Place {
  readonly mesh: OwnMesh
  readonly runner: BenchRunner
  readonly port80: Installed
  /** Where Gateways are discovered. */
  readonly shop: string
  close(): Promise<void>
}

export const responders = 3
/** In the configuration from the start. */
export const firstDomain = { hosts: ['first.example.com'], secretName: 'first' }
/** The chart's own default; that of the tests' installation writes a line for every redirect. */
export const installedLog = { level: 'info', format: 'json' } as const

export async function openPlace(): Promise<Place> {
  const scope = openScope()
  try {
    const pebble = { validationSleep: 0, nonceReject: 0, retryAfter: { authz: 0, order: 0 } }
    const mesh = await openMesh({ gateways: 2, pebble })
    scope.test.teardown(() => mesh.close())
    const runner = await startBenchRunner(scope.test, mesh, { images: { port80: compiledImage() } })
    await mesh.pointAtGateways(firstDomain.hosts)
    const shop = await mesh.namespace('shop')
    const values = {
      domains: [firstDomain],
      log: installedLog,
      discovery: { istio: { namespaces: [shop] } },
      responderPods: { replicas: responders },
      worker: {},
    }
    const port80 = await installPort80(scope.test, mesh, runner, { values, looks: 'as the chart has them' })
    await port80.waitForCertificate('first')
    return { mesh, runner, port80, shop, close: () => scope.close() }
  } catch (error) {
    await scope.close()
    throw error
  }
}

/** What the fixtures of the tests want of a test, in a run that is none. */
function openScope(): { readonly test: Test; close(): Promise<void> } {
  const ends: (() => unknown)[] = []
  const scope: Pick<Test, 'comment' | 'passing' | 'teardown'> = {
    comment: (...words) => void process.stderr.write(`${words.join(' ')}\n`),
    passing: () => true,
    teardown: (end) => void ends.unshift(end),
  }
  return {
    // They use nothing else of it.
    test: scope as Test,
    async close() {
      for (const end of ends.splice(0)) await end()
    },
  }
}

/** The entry point and user of the Dockerfile over the bundle of this checkout. */
function compiledImage(): Image {
  const checkout = join(import.meta.dirname, '../..')
  return {
    entrypoint: [process.execPath, ...imageFlags, compiled],
    cmd: ['serve', '--config', '/etc/port80/port80.yaml'],
    env: { NODE_ENV: 'production', ...imageEnvironment },
    user: { uid: 65532, gid: 65532 },
    folders: [checkout, dirname(process.execPath)],
  }
}

export interface LogLine {
  /** Epoch milliseconds. */
  readonly at: number
  readonly msg: string
  readonly certificate?: string
  readonly identifier?: string
  readonly secret?: string
  readonly what?: string
}

/** Everything that the workers have logged, in the order of time. */
export function workerLog({ port80 }: Pick<Place, 'port80'>): LogLine[] {
  const lines = port80
    .log('worker')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines
    .map((line) => JSON.parse(line) as LogLine & { readonly time: string })
    .map((line) => ({ ...line, at: Date.parse(line.time) }))
    .sort((a, b) => a.at - b.at)
}

/** Until nothing happens any more that the last part has begun. */
export async function settle(ms = 3_000): Promise<void> {
  await sleep(ms)
}
