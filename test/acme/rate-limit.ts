import t from 'tap'
import { limitScope } from '../../src/acme/rate-limit.ts'
import type { LimitScope } from '../../src/reason.ts'

const see = 'see https://letsencrypt.org/docs/rate-limits/'
const after = 'retry after 2026-11-25 12:00:00 UTC'

/** The messages are Boulder's (ratelimits/limiter.go, wfe2/wfe.go), with and without their link. */
const rows: readonly (readonly [string, string, LimitScope])[] = [
  [
    'new orders per account',
    `too many new orders (300) from this account in the last 3h0m0s, ${after}: ${see}#new-orders-per-account`,
    { kind: 'issuer' },
  ],
  [
    'new accounts per address',
    `too many new registrations (10) from this IP address in the last 3h0m0s, ${after}: ${see}#new-registrations-per-ip-address`,
    { kind: 'issuer' },
  ],
  [
    'certificates per registered domain',
    `too many certificates (50) already issued for "Example.com" in the last 168h0m0s, ${after}: ${see}#new-certificates-per-registered-domain`,
    { kind: 'registeredDomain', value: 'example.com' },
  ],
  [
    'the same without a link',
    `too many certificates (50) already issued for "example.com" in the last 168h0m0s, ${after}`,
    { kind: 'registeredDomain', value: 'example.com' },
  ],
  [
    'certificates per address',
    `too many certificates (50) already issued for "192.0.2.1" in the last 168h0m0s: ${see}#new-certificates-per-registered-domain`,
    { kind: 'identifier', value: '192.0.2.1' },
  ],
  [
    'certificates per network, which no scope can say',
    `too many certificates (50) already issued for "2001:db8::/64" in the last 168h0m0s: ${see}#new-certificates-per-registered-domain`,
    { kind: 'issuer' },
  ],
  [
    'certificates per exact set',
    `too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, ${after}: ${see}#new-certificates-per-exact-set-of-identifiers`,
    { kind: 'identifierSet' },
  ],
  [
    'certificates per exact set, the older words',
    `too many certificates (5) already issued for this exact set of domains in the last 168h0m0s: ${see}#new-certificates-per-exact-set-of-hostnames`,
    { kind: 'identifierSet' },
  ],
  [
    'failed authorizations',
    `too many failed authorizations (5) for "a.example.com" in the last 1h0m0s, ${after}: ${see}#authorization-failures-per-identifier-per-account`,
    { kind: 'identifier', value: 'a.example.com' },
  ],
  [
    'failed authorizations, the older link',
    `too many failed authorizations (5) for "_x.example.com" in the last 1h0m0s: ${see}#authorization-failures-per-hostname-per-account`,
    { kind: 'identifier', value: '_x.example.com' },
  ],
  [
    'a paused name, which is not quoted',
    'Your account is temporarily prevented from requesting certificates for a.example.com, b.example.com and possibly others. Please visit: https://portal.example/unpause?jwt=x',
    { kind: 'identifier', value: 'a.example.com' },
  ],
  ['a limit of another CA', 'slow down', { kind: 'issuer' }],
  ['nothing', '', { kind: 'issuer' }],
  [
    'a named limit without a name',
    `too many failed authorizations: ${see}#authorization-failures-per-identifier-per-account`,
    { kind: 'issuer' },
  ],
  [
    'a quoted thing that is no name',
    `too many certificates (50) already issued for "<script>" in the last 168h0m0s`,
    { kind: 'issuer' },
  ],
]

for (const [name, detail, expected] of rows) t.strictSame(limitScope(detail), expected, name)
