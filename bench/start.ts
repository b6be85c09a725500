/** How long until a started process answers its first request, and what it holds while nothing happens. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { preparePort80 } from '../test/bench/fixtures/port80.ts'
import { freePort } from '../test/bench/peers/ports.ts'
import { startEverythingOn } from './everything-on.ts'
import { median, type Figure } from './figures.ts'
import { residentMegabytes, serverCore } from './load.ts'

export async function benchStart(directory: string, runs = 11): Promise<Figure[]> {
  const folder = join(directory, 'start')
  mkdirSync(folder)
  const port = await freePort()
  const port80 = await preparePort80(folder, port, { worker: {}, log: {} })
  const times: number[] = []
  // The first start also fills the file cache; it is not counted.
  for (let run = 0; run <= runs; run += 1) {
    const took = await firstAnswer(port80.configFile, port)
    if (run > 0) times.push(took)
  }
  return [
    { name: 'start → first answer', value: median(times), unit: 'ms', target: { atMost: 400 } },
    { name: 'start → first answer, slowest', value: Math.max(...times), unit: 'ms' },
    {
      name: 'idle memory',
      value: await idleMemory(directory),
      unit: 'MB',
      target: { atMost: 90 },
      note: '10 s after 20 certificates were issued',
    },
    {
      name: 'idle memory, nothing configured',
      value: await idleAfterStart(port80),
      unit: 'MB',
      target: { atMost: 90 },
      note: '10 s after the start',
    },
  ]
}

/** Milliseconds from spawn to the first byte of an answer. Started by Node alone: no shell, no npm. */
async function firstAnswer(configFile: string, port: number): Promise<number> {
  const cli = join(import.meta.dirname, '../src/cli.ts')
  const args = [...serverCore.slice(1), process.execPath, cli, 'serve', '--config', configFile]
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

async function idleAfterStart(port80: Awaited<ReturnType<typeof preparePort80>>): Promise<number> {
  const child = await port80.start()
  await sleep(10_000)
  const megabytes = residentMegabytes(child.pid)
  await port80.stop()
  return megabytes
}
