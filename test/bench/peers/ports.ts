/** Free loopback ports for peers that cannot be told "any port, and say which". */
import { createServer } from 'node:net'

const given = new Set<number>()

async function kernelChoice(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** A port of 127.0.0.1 that nothing listens on, never the same one twice in this process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await kernelChoice()
    if (given.has(port)) continue
    given.add(port)
    return port
  }
}
