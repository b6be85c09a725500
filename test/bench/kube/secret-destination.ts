/** Pairs into Secrets on a real API server, with the rights on the named Secrets of the gateway's namespace. */
import t from 'tap'
import { readLeaf } from '../../../src/certificate/certificate.ts'
import type { Pair } from '../../../src/destination/destination.ts'
import type { Secret } from '../../../src/kube/object.ts'
import { secretDestination, type SecretDestinationOptions } from '../../../src/kube/secret-destination.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { destinationContract } from '../../destination/fixtures/destination-contract.ts'
import { startCluster } from './fixtures/cluster.ts'
import { writePairs } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const hour = 3_600_000
const someNames = ['book', 'book-certificate', ...Array.from({ length: 21 }, (_, index) => `c${index}`)]

const validPair = (): Promise<Pair> =>
  makePair({ notBefore: Date.now() - hour, notAfter: Date.now() + 1_000 * hour, newKey: true })

async function scene(more: Partial<SecretDestinationOptions> = {}) {
  const namespace = await cluster.namespace()
  const port80 = await cluster.namespace()
  const { client } = await cluster.account(port80, { [namespace]: writePairs(someNames) })
  const path = `/api/v1/namespaces/${namespace}/secrets`
  const secretName = (certificate: string) => (certificate === 'book' ? 'book-certificate' : certificate)
  return {
    namespace,
    destination: secretDestination({ client, namespace, secretName, instance: port80, ...more }),
    make: (secret: object) =>
      cluster.must<Secret>('POST', path, { metadata: { name: 'book-certificate' }, ...secret }),
    look: () => cluster.must<Secret>('GET', `${path}/book-certificate`),
    change: (patch: object) => cluster.must<Secret>('PATCH', `${path}/book-certificate`, patch),
    remove: () => cluster.must('DELETE', `${path}/book-certificate`),
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const dataOf = (pair: Pair) => ({ 'tls.crt': base64(pair.chainPem), 'tls.key': base64(pair.keyPem) })

t.test('the contract of every destination', async (t) => {
  destinationContract(t, async () => (await scene()).destination)
})

t.test('a Secret that was not there is one that gateways and people can read', async (t) => {
  const { destination, look, namespace } = await scene()
  const pair = await validPair()
  await destination.install('book', pair)
  const secret = await look()
  t.match(secret, { type: 'kubernetes.io/tls', data: dataOf(pair) })
  t.match(secret.metadata.annotations, {
    'port80.io/certificate': 'book',
    'port80.io/names': 'book.example.com',
    'port80.io/fingerprint': readLeaf(pair)?.fingerprint,
  })
  t.strictSame([...new Set(secret.metadata.managedFields?.map(({ manager }) => manager))], ['port80'])
  t.equal(destination.id, `Secrets in namespace ${namespace}`)
})

t.test('an Opaque Secret stays what it is, and its client CA is not touched', async (t) => {
  const { destination, look, make } = await scene()
  await make({
    type: 'Opaque',
    data: { 'ca.crt': base64('client CA'), 'tls.crt': '', other: base64('kept') },
  })
  const pair = await validPair()
  t.strictSame(await destination.read('book'), { state: 'absent' })
  await destination.install('book', pair)
  t.match(await look(), {
    type: 'Opaque',
    data: { ...dataOf(pair), 'ca.crt': base64('client CA'), other: base64('kept') },
  })
})

t.test("somebody's valid pair is left alone until a person agrees", async (t) => {
  const { destination, look, make, change } = await scene()
  const [theirs, ours, next] = [await validPair(), await validPair(), await validPair()]
  await make({ type: 'kubernetes.io/tls', data: dataOf(theirs) })
  t.match(await destination.read('book'), { state: 'foreign', fault: /did not write.*adopt=true/ })
  await t.rejects(destination.install('book', ours), { message: /^DestinationFailed: .*did not write/ })
  t.match((await look()).data, dataOf(theirs))
  await change({ metadata: { annotations: { 'port80.io/adopt': 'true' } } })
  t.strictSame(await destination.read('book'), { state: 'present', pair: theirs })
  await destination.install('book', ours)
  t.strictSame(await destination.read('book'), { state: 'present', pair: ours })
  await change({ metadata: { annotations: { 'port80.io/adopt': null } } })
  await destination.install('book', next)
  t.match((await look()).data, dataOf(next), 'from then on it is ours')
})

t.test('a pair of ours stays ours when a tool drops every annotation and label', async (t) => {
  const { destination, change } = await scene()
  await destination.install('book', await validPair())
  await change({ metadata: { annotations: null, labels: null } })
  t.match(await destination.read('book'), { state: 'present' })
  await destination.install('book', await validPair())
})

t.test('a pair that somebody puts over ours is theirs', async (t) => {
  const { destination, change } = await scene()
  await destination.install('book', await validPair())
  await change({ data: dataOf(await validPair()) })
  t.match(await destination.read('book'), { state: 'foreign', fault: /did not write/ })
})

t.test('generic keys go with consent, and never where they carry a client CA', async (t) => {
  const { destination, look, make, change } = await scene()
  const pair = await validPair()
  await make({ type: 'Opaque', data: { cert: base64('c'), key: base64('k'), cacert: base64('ca') } })
  const agreed = { metadata: { annotations: { 'port80.io/adopt': 'true' } } }
  t.match(await destination.read('book'), { state: 'foreign', fault: /cacert/ })
  await change(agreed)
  t.match(await destination.read('book'), { state: 'foreign', fault: /copy cacert to ca.crt/ })
  await change({ data: { cacert: null, 'ca.crt': base64('ca') } })
  await destination.read('book')
  await destination.install('book', pair)
  t.strictSame((await look()).data, { ...dataOf(pair), 'ca.crt': base64('ca') })
})

t.test('what was planned for one pair does not land on another', async (t) => {
  const { destination, look, change, remove } = await scene()
  const [old, theirs, late] = [await validPair(), await validPair(), await validPair()]
  await destination.install('book', old)
  await destination.read('book')
  // As by the next leader, while this worker slept.
  await change({
    data: dataOf(theirs),
    metadata: { annotations: { 'port80.io/fingerprint': readLeaf(theirs)?.fingerprint } },
  })
  await t.rejects(destination.install('book', late), { message: /another pair than when it was read/ })
  t.match((await look()).data, dataOf(theirs))
  await destination.read('book')
  await destination.install('book', late)
  t.match((await look()).data, dataOf(late), 'looked at again, it lands')
  await remove()
  await t.rejects(destination.install('book', old), { message: /another pair/ })
  t.strictSame(await destination.read('book'), { state: 'absent' })
  await destination.install('book', old)
})

t.test('who may not lead any more writes nothing', async (t) => {
  const { destination, look, make } = await scene({ mayWrite: async () => false })
  await make({ type: 'Opaque' })
  const { resourceVersion } = (await look()).metadata
  await t.rejects(destination.install('book', await validPair()), {
    message: /another worker may be leading/,
  })
  await destination.describe('book', { status: 'x', reason: 'UpToDate' })
  t.equal((await look()).metadata.resourceVersion, resourceVersion)
})

t.test('a write that was overtaken between looking and writing does not land', async (t) => {
  const overtaken = await validPair()
  const late = await validPair()
  const there = await scene({
    // Asked at exactly that moment: between the look and the write.
    mayWrite: async () => {
      if (armed) await there.change({ data: dataOf(overtaken) })
      return true
    },
  })
  let armed = false
  const first = await validPair()
  await there.destination.install('book', first)
  armed = true
  await t.rejects(there.destination.install('book', late), { message: /^DestinationFailed/ })
  t.match((await there.look()).data, dataOf(overtaken))
})

t.test('annotations that others change in between cost only another look', async (t) => {
  const pair = await validPair()
  let turn = 0
  const there = await scene({
    mayWrite: async () => {
      if (turn++ === 1) await there.change({ metadata: { annotations: { touched: 'yes' } } })
      return true
    },
  })
  await there.destination.install('book', await validPair())
  await there.destination.install('book', pair)
  t.match(await there.look(), { data: dataOf(pair), metadata: { annotations: { touched: 'yes' } } })
  t.equal(turn, 3)
})

t.test('the words on a Secret change when they change', async (t) => {
  const { destination, look } = await scene()
  const words = { status: 'Ready: up to date, has not expired', reason: 'UpToDate', renewalAt: Date.now() }
  await destination.describe('book', words)
  await destination.install('book', await validPair())
  await destination.describe('book', words)
  const first = await look()
  t.match(first.metadata.annotations, { 'port80.io/status': words.status, 'port80.io/reason': 'UpToDate' })
  await destination.describe('book', words)
  t.equal(
    (await look()).metadata.resourceVersion,
    first.metadata.resourceVersion,
    'no write without a change',
  )
  await destination.describe('book', { status: 'Failing: backing off', reason: 'BackingOff' })
  const second = await look()
  t.equal(second.metadata.annotations?.['port80.io/reason'], 'BackingOff')
  t.notOk(second.metadata.annotations?.['port80.io/renewal-time'])
})

t.test('what the API server refuses names the right, the Secret and the namespace', async (t) => {
  const namespace = await cluster.namespace()
  const rights = { none: {}, other: { [namespace]: writePairs(['other']) } }
  const made = async (right: keyof typeof rights) => {
    const { client } = await cluster.account(namespace, rights[right])
    return secretDestination({ client, namespace, secretName: (name) => name, instance: 'port80' })
  }
  const none = await made('none')
  const other = await made('other')
  await t.rejects(none.read('book'), {
    message: new RegExp(
      `^DestinationFailed: get secrets book in namespace ${namespace}: .* may not get secrets`,
    ),
  })
  await t.rejects(other.read('book'), { message: /may not get secrets/ })
  t.strictSame(await other.read('other'), { state: 'absent' })
  const nowhere = secretDestination({
    client: cluster.admin,
    namespace: 'not-there',
    secretName: (name) => name,
    instance: 'p',
  })
  await t.rejects(nowhere.install('book', await validPair()), { message: /the namespace does not exist/ })
})
