import t from 'tap'
import { againPatch, eventName, newEvent, spent, type Budget } from '../../src/kube/events-object.ts'

const secret = { apiVersion: 'v1', kind: 'Secret', namespace: 'istio-system', name: 'book', uid: 'u-1' }
const news = { type: 'Warning', reason: 'AcmeCaa', message: 'CAA record' } as const
const at = Date.UTC(2027, 2, 9, 10, 15, 0, 123)

t.test('an Event says who saw what, on which object, and when', async (t) => {
  t.strictSame(newEvent(secret, news, { at, count: 3, instance: 'port80-worker-1' }), {
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'port80' } },
    involvedObject: { ...secret },
    reason: 'AcmeCaa',
    source: { component: 'port80' },
    reportingComponent: 'port80',
    reportingInstance: 'port80-worker-1',
    firstTimestamp: '2027-03-09T10:15:00Z',
    type: 'Warning',
    message: 'CAA record',
    lastTimestamp: '2027-03-09T10:15:00Z',
    count: 3,
  })
})

t.test('a message is one line, printable and bounded', async (t) => {
  const { message = '' } = againPatch({ ...news, message: `a\n\u001b[31mb\u202e${'x'.repeat(5_000)}` }, at)
  t.match(message, /^a \[31mb x/)
  t.ok(message.length <= 1_000)
})

t.test('the name is the object and the reason, whatever the object is called', async (t) => {
  const name = eventName(secret, 'AcmeCaa')
  t.match(name, /^book\.port80-[0-9a-f]{16}$/)
  t.equal(eventName({ ...secret }, 'AcmeCaa'), name)
  const others = [
    eventName(secret, 'Issued'),
    eventName({ ...secret, kind: 'Gateway' }, 'AcmeCaa'),
    eventName({ ...secret, uid: 'u-2' }, 'AcmeCaa'),
    eventName({ ...secret, name: 'shop' }, 'AcmeCaa'),
  ]
  t.equal(new Set([name, ...others]).size, 5)
  const longest = `${'a'.repeat(199)}.${'b'.repeat(53)}`
  const long = eventName({ ...secret, name: longest }, 'Issued')
  t.match(long, /^a{199}\.port80-/)
  t.ok(long.length < 253)
})

t.test('an object is told twenty-five things at once, then one every five minutes', async (t) => {
  let budget: Budget | undefined
  const tell = (now: number) => {
    const left = spent(budget, now)
    budget = left ?? budget
    return left !== undefined
  }
  const told = Array.from({ length: 40 }, () => tell(1_000)).filter(Boolean)
  t.equal(told.length, 25)
  t.notOk(tell(1_000 + 299_000))
  t.ok(tell(1_000 + 301_000))
  t.notOk(tell(1_000 + 301_001))
  t.equal(Array.from({ length: 40 }, () => tell(1e9)).filter(Boolean).length, 25, 'never more than that')
})
