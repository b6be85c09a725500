/**
 * What port80 looks at in a request, read in one pass over its headers. Everything else a client sends is never read.
 * Pure: takes the raw headers, because node's merged `headers` drop a second Host without a word.
 */

export interface RequestFacts {
  readonly method: string
  /** 1 for HTTP/1.0 and 1.1. */
  readonly httpMajor: number
  /** The request target as it stood in the request line; latin1, one character a byte. */
  readonly target: string
  /** The first Host header, and how many there are (RFC 9112 §3.2 wants exactly one). */
  readonly host: string | undefined
  readonly hosts: number
  /** User-Agent; the first one counts. Only its class is ever kept (src/traffic/agent-class.ts). */
  readonly userAgent?: string | undefined
  /** X-Forwarded-Proto; the first one counts. */
  readonly forwardedProto: string | undefined
  /** The other end of the connection: a proxy, or the client. */
  readonly remoteAddress: string | undefined
  /** Bytes of the request body that the client announces; Infinity for chunked. */
  readonly bodyLength: number
}

/** The parts of node's IncomingMessage that are read. */
export interface RawRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersionMajor: number
  readonly rawHeaders: readonly string[]
  readonly socket: { readonly remoteAddress?: string | undefined }
}

class Facts implements RequestFacts {
  readonly method: string
  readonly httpMajor: number
  readonly target: string
  host: string | undefined = undefined
  hosts = 0
  userAgent: string | undefined = undefined
  forwardedProto: string | undefined = undefined
  bodyLength = 0
  readonly #socket: RawRequest['socket']

  constructor(request: RawRequest) {
    this.method = request.method ?? ''
    this.httpMajor = request.httpVersionMajor
    this.target = request.url ?? ''
    this.#socket = request.socket
  }

  /** A getter, because asking the kernel costs more than the rest together and is hardly ever needed. */
  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }
}

export function readFacts(request: RawRequest): RequestFacts {
  const facts = new Facts(request)
  const raw = request.rawHeaders
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    // The lengths of host, user-agent, content-length, transfer-encoding and x-forwarded-proto: most headers stop here.
    const { length } = name
    if (length === 4 || length === 10 || length === 14 || length === 17) take(facts, name, raw[at + 1] ?? '')
  }
  return facts
}

function take(facts: Facts, name: string, value: string): void {
  switch (name.toLowerCase()) {
    case 'host':
      facts.hosts += 1
      facts.host ??= value
      break
    case 'user-agent':
      facts.userAgent ??= value
      break
    case 'content-length':
      facts.bodyLength = Math.max(facts.bodyLength, Number(value))
      break
    case 'transfer-encoding':
      facts.bodyLength = Number.POSITIVE_INFINITY
      break
    case 'x-forwarded-proto':
      facts.forwardedProto ??= value
      break
  }
}
