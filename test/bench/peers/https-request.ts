/** One HTTPS request with a root of our own: what Node's fetch cannot be told without another dependency. */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** GET, or POST when a body is given. Rejects on transport errors and after ten seconds. */
export function httpsRequest(url: string, rootFile: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: body === undefined ? 'GET' : 'POST',
        ca: readFileSync(rootFile),
        timeout: 10_000,
        agent: false,
        headers: { 'user-agent': 'port80-bench' },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${url} did not answer within 10 s`)))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
