/** How long until a started process answers its first request, and what it holds while nothing happens. */
import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { preparePort80, sources, type Port80 } from '../test/bench/fixtures/port80.ts'
import { freePort } from '../test/bench/peers/ports.ts'
import { compiled, compiledOnServerCore, imageFlags } from './compiled.ts'
import { startEverythingOn } from './everything-on.ts'
import { median, type Figure } from './figures.ts'
import { residentMegabytes, serverCore } from './load.ts'

export async function benchStart(directory: string, runs = 11): Promise<Figure[]> {
  const image = await startTimes(directory, [...imageFlags, compiled], runs)
  const checkout = await startTimes(directory, [sources], runs)
  const target = { atMost: 90 }
  return [
    {
      name: 'start → first answer',
      value: median(image),
      unit: 'ms',
      target: { atMost: 400 },
      note: 'compiled, as in the image',
    },
    { name: 'start → first answer, slowest', value: Math.max(...image), unit: 'ms' },
    {
      name: 'start → first answer, sources',
      value: median(checkout),
      unit: 'ms',
      note: 'as in a checkout: Node strips the types',
    },
    {
      name: 'idle memory',
      value: await idleMemory(directory),
      unit: 'MB',
      target,
      note: '10 s after 20 certificates were issued',
    },
    {
      name: 'idle memory, nothing to do',
      value: await idleAfterStart(directory),
      unit: 'MB',
      target,
      note: '10 s after the start',
    },
  ]
}

async function startTimes(directory: string, entry: readonly string[], runs: number): Promise<number[]> {
  const port80 = await idlePort80(directory)
  const times: number[] = []
  // The first start also fills the file cache; it is not counted.
  for (let run = 0; run <= runs; run += 1) {
    const took = await firstAnswer([...entry, 'serve', '--config', port80.configFile], port80.publicPort)
    if (run > 0) times.push(took)
  }
  return times
}

async function idlePort80(directory: string): Promise<Port80> {
  const folder = mkdtempSync(join(directory, 'start-'))
  return preparePort80(folder, await freePort(), { worker: {}, log: {} }, compiledOnServerCore)
}

/** Milliseconds from spawn to the first byte of an answer. Started by Node alone: no shell, no npm. */
async function firstAnswer(command: readonly string[], port: number): Promise<number> {
  const args = [...serverCore.slice(1), process.execPath, ...command]
  const began = performance.now()
  const child = spawn(serverCore[0], args, { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`port80 ended with ${child.exitCode} before it answered`)
      if (performance.now() - began > 20_000) throw new Error('port80 did not answer within 20 s')
      await sleep(2)
    }
    return performance.now() - began
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () =>
      socket.write('GET / HTTP/1.1\r\nHost: book.example.com\r\nConnection: close\r\n\r\n'),
    )
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}

async function idleMemory(directory: string): Promise<number> {
  const { port80, child } = await startEverythingOn(directory, 20)
  await sleep(10_000)
  const megabytes = residentMegabytes(child.pid)
  await port80.stop()
  return megabytes
}

async function idleAfterStart(directory: string): Promise<number> {
  const port80 = await idlePort80(directory)
  const child = await port80.start()
  await sleep(10_000)
  const megabytes = residentMegabytes(child.pid)
  await port80.stop()
  return megabytes
}
