/** The node's own server, as far as `kubectl logs` and `helm test --logs` need it: the API server asks it for a pod's log. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { writeTlsFiles } from '../../peers/tls-root.ts'

export const nodePort = 10_250

export interface NodeServer {
  close(): Promise<void>
}

export interface LogOf {
  readonly namespace: string
  readonly name: string
  readonly container: string
}

/** Answers with what there is so far; to follow a log is not offered. */
export async function startNodeServer(
  address: string,
  directory: string,
  read: (of: LogOf) => string,
): Promise<NodeServer> {
  mkdirSync(directory)
  // The API server has no root for its nodes and takes any certificate, as most clusters' do.
  const files = await writeTlsFiles(directory)
  const tls = { cert: readFileSync(files.certificate), key: readFileSync(files.key) }
  const server = createServer(tls, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://node')
    const [, kind, namespace = '', name = '', container = ''] = pathname.split('/')
    if (kind !== 'containerLogs') return response.writeHead(404).end()
    try {
      const text = read({ namespace, name, container })
      response.end(lastLines(text, searchParams.get('tailLines')))
    } catch {
      response.writeHead(404).end('there is no such log')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(nodePort, address, resolve)
  })
  return {
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

function lastLines(text: string, count: string | null): string {
  return count === null
    ? text
    : text
        .split(/(?<=\n)/)
        .slice(-Number(count))
        .join('')
}
