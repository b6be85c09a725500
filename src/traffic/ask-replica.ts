/** Asking one replica on its admin port for what it has counted: bounded in time and size, and nothing believed unread. */
import { request, type IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { faultOf } from '../challenge/ask.ts'
import { readCounts, type ReplicaCounts } from './replica-counts.ts'

/** Bytes. A thousand hosts with thirty days each are 1.5 MB. */
const longestAnswer = 4 * 1024 * 1024

export interface ReplicaAt {
  readonly address: string
  readonly port: number
  /** Goes into the Host header: a mesh lets a request to a pod's own address through only by a name that it knows. */
  readonly host: string
  readonly timeoutMs: number
}

/** Never rejects. A fault is in words of ours. `from`: see `RedirectCounter.rows`. */
export function askReplica(
  { address, port, host, timeoutMs }: ReplicaAt,
  from: number | undefined,
): Promise<{ ok: ReplicaCounts } | { fault: string }> {
  const authority = isIP(address) === 6 ? `[${address}]` : address
  const query = from === undefined ? '' : `?from=${from}`
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve({ fault: faultOf(error) })
    const asked = request(
      `http://${authority}:${port}/traffic.json${query}`,
      {
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: { host: `${host}:${port}`, 'user-agent': 'port80' },
      },
      (response) => {
        response.on('error', failed)
        if (response.statusCode === 200) readBounded(response, resolve)
        else {
          response.destroy()
          resolve({ fault: `answered ${response.statusCode ?? 0} instead of its counts` })
        }
      },
    )
    asked.on('error', failed)
    asked.end()
  })
}

function readBounded(
  response: IncomingMessage,
  resolve: (read: { ok: ReplicaCounts } | { fault: string }) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= longestAnswer) chunks.push(chunk)
    else {
      resolve({ fault: 'told more than can be read' })
      response.destroy()
    }
  })
  response.on('end', () => resolve(readCounts(Buffer.concat(chunks).toString('utf8'))))
}
