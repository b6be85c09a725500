/**
 * A front door as a gateway with retries is one: it takes connections while port80 restarts, and asks again what a
 * killed port80 left unanswered. Without it a validation that falls into a restart fails at the CA, which is right and
 * is not what a test of restarts wants to see.
 */
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FrontDoor {
  readonly port: number
  stop(): Promise<void>
}

/** Shorter than the 15 s that Pebble waits for an answer. */
const patienceMs = 12_000

export async function startFrontDoor(backendPort: number): Promise<FrontDoor> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    open.add(client)
    client.on('close', () => open.delete(client))
    void carry(client, backendPort)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the front door has no port')
  return {
    port: address.port,
    async stop() {
      for (const client of open) client.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One request a connection is all that validation and self-check send; its bytes are kept until it is answered. */
async function carry(client: Socket, backendPort: number): Promise<void> {
  const asked: Buffer[] = []
  let backend: Socket | undefined
  client.on('error', () => client.destroy())
  client.on('close', () => backend?.destroy())
  client.on('data', (chunk: Buffer) => {
    asked.push(chunk)
    backend?.write(chunk)
  })
  const deadline = Date.now() + patienceMs
  while (!client.destroyed && Date.now() < deadline) {
    backend = connect({ port: backendPort, host: '127.0.0.1' })
    for (const chunk of asked) backend.write(chunk)
    if (await answered(backend, client)) break
    backend = undefined
    await sleep(25)
  }
  client.end()
}

/** Passes the answer on; false when the backend ended without a byte of one. */
function answered(backend: Socket, client: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let began = false
    backend.on('data', (chunk: Buffer) => {
      began = true
      client.write(chunk)
    })
    backend.on('error', () => backend.destroy())
    backend.on('close', () => resolve(began))
  })
}
