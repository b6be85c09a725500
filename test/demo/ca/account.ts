/** RFC 8555 §7.3. */
import t from 'tap'
import { startTestCa } from '../../../demo/ca/test-ca.ts'
import { problemType, RawClient } from '../fixtures/raw-client.ts'

const ca = await startTestCa({ directory: t.testdir() })
t.teardown(() => ca.stop())

t.test('registers a key once and finds it again', async (t) => {
  const client = new RawClient(ca)
  const absent = await client.post('/new-account', { onlyReturnExisting: true })
  t.equal(problemType(absent), 'accountDoesNotExist')
  const made = await client.post('/new-account', { contact: ['mailto:ops@example.test'] })
  const found = await client.post('/new-account', { onlyReturnExisting: true })
  t.same([made.status, found.status], [201, 200])
  t.equal(found.headers['location'], made.headers['location'])
  t.match(found.json, { status: 'valid', contact: ['mailto:ops@example.test'] })
})

t.test('changes the contact, lists orders, and is closed to other accounts', async (t) => {
  const client = new RawClient(ca)
  const stranger = new RawClient(ca)
  await client.register()
  await stranger.register()
  const url = client.kid ?? ''
  await client.post(url, { contact: ['mailto:new@example.test'] })
  t.same((await client.post(url, undefined)).json['contact'], ['mailto:new@example.test'])
  const order = await client.post('/new-order', { identifiers: [{ type: 'dns', value: 'a.localhost' }] })
  t.same((await client.post(`${url}/orders`, undefined)).json['orders'], [order.headers['location']])
  t.equal((await stranger.post(url, undefined)).status, 404)
  t.equal((await stranger.post(String(order.headers['location']), undefined)).status, 404)
})

t.test('refuses contacts that are no mail address', async (t) => {
  for (const [contact, type] of [
    ['tel:+123', 'unsupportedContact'],
    ['mailto:nobody', 'invalidContact'],
    ['mailto:a@example.test,b@example.test', 'invalidContact'],
    ['mailto:a@example.test?subject=x', 'invalidContact'],
  ] as const)
    t.equal(problemType(await new RawClient(ca).post('/new-account', { contact: [contact] })), type, contact)
})

t.test('shuts a deactivated account out for good', async (t) => {
  const client = new RawClient(ca)
  await client.register()
  t.equal((await client.post(client.kid ?? '', { status: 'deactivated' })).json['status'], 'deactivated')
  t.equal(problemType(await client.post('/new-order', {})), 'unauthorized')
  const again = new RawClient(ca, client.key)
  t.equal(problemType(await again.register()), 'unauthorized')
})
