import t from 'tap'
import { authorizationStatus, orderStatus, replacementFault } from '../../../demo/ca/order-status.ts'
import type { Authorization, Certificate, Order } from '../../../demo/ca/state.ts'

const now = 1_800_000_000_000
const order: Order = {
  id: '1',
  accountId: 'a',
  identifiers: [{ type: 'dns', value: 'a.localhost' }],
  authorizationIds: ['1'],
  expiresAt: now + 1,
}
const authorization = (status: Authorization['status'], expiresAt = now + 1): Authorization => ({
  id: '1',
  accountId: 'a',
  identifier: { type: 'dns', value: 'a.localhost' },
  challenge: { id: '1', token: 't', status: 'pending' },
  status,
  expiresAt,
})
const problem = { type: 'x', detail: 'x', status: 500 }

const rows: readonly [string, Order, readonly Authorization[], string][] = [
  [
    'pending while one name is not proved',
    order,
    [authorization('valid'), authorization('pending')],
    'pending',
  ],
  ['ready when every name is', order, [authorization('valid'), authorization('valid')], 'ready'],
  ['invalid with one failed name', order, [authorization('valid'), authorization('invalid')], 'invalid'],
  ['invalid with a deactivated authorization', order, [authorization('deactivated')], 'invalid'],
  ['invalid with an expired authorization', order, [authorization('valid', now)], 'invalid'],
  ['invalid once expired', { ...order, expiresAt: now }, [authorization('valid')], 'invalid'],
  ['processing once finalized', { ...order, csr: 'x' }, [authorization('valid')], 'processing'],
  ['valid with a certificate', { ...order, csr: 'x', certificateId: 'c' }, [authorization('valid')], 'valid'],
  [
    'valid also after its expiry',
    { ...order, certificateId: 'c', expiresAt: 0 },
    [authorization('valid', 0)],
    'valid',
  ],
  ['invalid with an error', { ...order, csr: 'x', error: problem }, [authorization('valid')], 'invalid'],
]
for (const [name, given, authorizations, expected] of rows)
  t.test(`an order is ${name}`, async (t) => t.equal(orderStatus(given, authorizations, now), expected))

t.test('an authorization expires unless it has come to its end', async (t) => {
  t.equal(authorizationStatus(authorization('pending', now), now), 'expired')
  t.equal(authorizationStatus(authorization('valid', now), now), 'expired')
  t.equal(authorizationStatus(authorization('invalid', now), now), 'invalid')
  t.equal(authorizationStatus(authorization('valid'), now), 'valid')
})

const certificate: Certificate = {
  id: 'c',
  accountId: 'a',
  orderId: '1',
  identifiers: [
    { type: 'dns', value: 'a.localhost' },
    { type: 'dns', value: 'b.localhost' },
  ],
  leafPem: '',
  serial: 'c',
  certId: 'k.s',
  notBefore: now,
  notAfter: now + 1,
}
const other = (status: 'pending' | 'valid' | 'invalid') => [{ replaces: 'k.s', status }]

t.test('a certificate may be replaced once, by its account, by an order that shares a name', async (t) => {
  t.equal(replacementFault(certificate, order, []), undefined)
  t.equal(
    replacementFault(certificate, order, other('invalid')),
    undefined,
    'a failed order replaced nothing',
  )
  t.equal(replacementFault(certificate, order, other('pending'))?.type, 'alreadyReplaced')
  t.equal(replacementFault(certificate, order, other('valid'))?.type, 'alreadyReplaced')
  t.equal(replacementFault(undefined, order, [])?.type, 'malformed')
  t.equal(replacementFault(certificate, { ...order, accountId: 'b' }, [])?.type, 'unauthorized')
  const strange = { ...order, identifiers: [{ type: 'dns', value: 'c.localhost' } as const] }
  t.equal(replacementFault(certificate, strange, [])?.type, 'malformed')
})
