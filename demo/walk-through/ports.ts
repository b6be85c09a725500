/** Whether the ports are free, before anything is started. */
import { connect, createServer } from 'node:net'
import type { Scene, ScenePort } from './scene.ts'

/** The ports on which somebody else listens, or on which we may not. */
export async function busyPorts(scene: Scene): Promise<readonly { port: ScenePort; why: string }[]> {
  const found = await Promise.all(
    Object.values(scene.ports).map(async (port) => {
      const why = await faultOf(port.port)
      return why === undefined ? [] : [{ port, why }]
    }),
  )
  return found.flat()
}

/** Somebody on ::1 counts too: curl asks there first for *.localhost, and would talk to them instead of to us. */
async function faultOf(port: number): Promise<string | undefined> {
  const answered = await Promise.all(['127.0.0.1', '::1'].map((host) => answers(host, port)))
  if (answered.includes(true)) return 'another program listens there'
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE'
      resolve(busy ? 'another program has it' : `it cannot be had (${error.code ?? 'unknown error'})`)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)))
  })
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
