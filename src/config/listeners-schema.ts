/** The `listeners` section of the configuration: ports, time-outs and limits, each with its reason. Pure. */
import { z } from 'zod'
import { durationSchema as duration, hostSchema as host, portSchema as port } from './fields.ts'

// Node takes 0 for "no time-out", which is what none of the protective ones may become.
const protective = { min: '10ms', max: '1h' } as const

const publicListener = z.strictObject({
  host: host.prefault('::').describe('Address to listen on; :: is every IPv4 and IPv6 address.'),
  port: port.prefault(8080).describe('Port to listen on. Above 1023 no right is needed; 0 takes a free one.'),
  headersTimeout: duration('10s', 'All headers must have come; bounds slow-header clients.', protective),
  requestTimeout: duration(
    '15s',
    'The whole request, unread body included; bounds slow-body clients. Not shorter than headersTimeout.',
    protective,
  ),
  keepAliveTimeout: duration(
    '65s',
    'Idle time of a kept connection; longer than the usual 60s of a load balancer in front.',
    protective,
  ),
  maxHeaderSize: z
    .int()
    .min(1_024)
    .max(65_536)
    .prefault(16_384)
    .describe('Bytes of request line and headers; more is answered 431.'),
  maxTargetLength: z
    .int()
    .min(128)
    .max(16_384)
    .prefault(8_192)
    .describe('Characters of the request target; more is answered 400 (a Location is never cut).'),
  maxDiscardedBody: z
    .int()
    .min(0)
    .max(1_048_576)
    .prefault(65_536)
    .describe('Bytes of a request body that are thrown away to keep the connection; with more it is closed.'),
  maxConnections: z
    .int()
    .min(1)
    .prefault(10_000)
    .describe('Open connections at the most; further ones are closed at once.'),
  maxRequestsPerSocket: z
    .int()
    .min(0)
    .prefault(0)
    .describe('Requests on one kept connection before it is closed; 0 is no limit.'),
})

const stop = z.strictObject({
  unreadyWait: duration(
    '5s',
    'After SIGTERM: time between unready and closing the listener, so that load balancers take us out first.',
    { max: '1h' },
  ),
  drain: duration('10s', 'Then: time for requests in flight.', { max: '1h' }),
})

export const listeners = z.strictObject({
  public: publicListener.prefault({}).describe('Port 80 of the outside world: challenges and redirects.'),
  admin: z
    .strictObject({
      host: host.prefault('127.0.0.1').describe('Address to listen on; the admin pages are for operators.'),
      port: port
        .prefault(9090)
        .describe('Port for /livez, /readyz, /metrics, /status and /status.json; 0 takes a free one.'),
    })
    .prefault({})
    .describe('Health, metrics and status.'),
  stop: stop.prefault({}).describe('How the process stops.'),
})
