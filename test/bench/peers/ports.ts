/**
 * Free loopback ports for peers that cannot be told "any port, and say which". Two lanes of files run beside one another, and
 * between the choice of a port and its use lie seconds, or a restart: so each process has a block of ports to itself, below
 * those that the kernel gives to whoever asks for any.
 */
import { createServer, type Server } from 'node:net'

const host = '127.0.0.1'
/** From here to 32 000; the kernel gives from 32 768 on, and the node ports of Kubernetes are bound by nobody here. */
const [first, blocks, size] = [20_000, 60, 200] as const

let next = 0
let end = 0
let taking: Promise<void> | undefined

/** Undefined: something has it. */
function bound(port: number): Promise<Server | undefined> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen({ port, host }, () => resolve(server))
  })
}

/** Takes the first block that no other process has: its first port is held as long as this one lives. */
async function takeBlock(): Promise<void> {
  const from = process.pid % blocks
  for (let turn = 0; turn < blocks; turn++) {
    const start = first + ((from + turn) % blocks) * size
    const holder = await bound(start)
    if (!holder) continue
    holder.unref()
    ;[next, end] = [start + 1, start + size]
    return
  }
  throw new Error(`every block of ports from ${first} on is taken`)
}

/** A port of 127.0.0.1 that nothing listens on, never the same one twice in this process, and no other process's. */
export async function freePort(): Promise<number> {
  for (;;) {
    while (next === end) await (taking ??= takeBlock().finally(() => (taking = undefined)))
    const port = next++
    const server = await bound(port)
    if (!server) continue // of a peer that has outlived the process before
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}
