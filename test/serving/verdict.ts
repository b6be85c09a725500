import t from 'tap'
import { verdictOf, type PodLook, type ProofState } from '../../src/serving/verdict.ts'

const now = Date.parse('2026-11-25T12:00:00Z')
const hour = 3_600_000
const deadlineMs = 60_000
const late = now - deadlineMs
const old = { serial: 'A', notAfter: now + 20 * 24 * hour }

function look(pod: string, rest: Partial<PodLook>): PodLook {
  return { pod, host: 'book.example', ...rest }
}

const fresh: ProofState = {
  looks: [look('ns/a', { serial: 'A' }), look('ns/b', { serial: 'A' })],
  ...{ held: 'B', heldIsNewest: true, older: [old], since: now, deadlineMs, now },
}

interface Row {
  readonly name: string
  readonly state: Partial<ProofState>
  readonly is: ReturnType<typeof verdictOf>['is']
}

const rows: readonly Row[] = [
  { name: 'no ready pod shows nothing', state: { looks: [] }, is: 'unseen' },
  { name: 'before the deadline it is waited', state: {}, is: 'waiting' },
  { name: 'a millisecond before the deadline, too', state: { since: late + 1 }, is: 'waiting' },
  {
    name: 'every pod shows the new one',
    state: { looks: [look('ns/a', { serial: 'B' }), look('ns/b', { serial: 'B' })] },
    is: 'proven',
  },
  { name: 'every pod still shows the old one at the deadline', state: { since: late }, is: 'rollBack' },
  {
    name: 'a pod that showed the old one fails the handshake now',
    state: { since: late, looks: [look('ns/a', { fault: 'no handshake', before: 'A' })] },
    is: 'rollBack',
  },
  {
    name: 'a host that was never served does not keep another from being mended',
    state: {
      since: late,
      looks: [look('ns/a', { serial: 'A' }), look('ns/a', { host: 'x', fault: 'no handshake' })],
    },
    is: 'rollBack',
  },
  {
    name: 'one pod took it: nothing is undone',
    state: { since: late, looks: [look('ns/a', { serial: 'B' }), look('ns/b', { serial: 'A' })] },
    is: 'differs',
  },
  {
    name: 'a pod that cannot be asked: nothing is undone',
    state: {
      since: late,
      looks: [look('ns/a', { serial: 'A' }), look('ns/b', { fault: 'silent', before: 'A' })],
    },
    is: 'differs',
  },
  {
    name: 'a pod whose port is closed, though it showed the old one before: nothing is undone',
    state: { since: late, looks: [look('ns/a', { fault: 'refused', before: 'A' })] },
    is: 'differs',
  },
  {
    name: 'a pod to which a sidecar may have ended the connection, though it showed the old one: nothing is undone',
    state: { since: late, looks: [look('ns/a', { fault: 'ended on the way', before: 'A' })] },
    is: 'differs',
  },
  {
    name: 'a pod whose port is closed beside one that shows the old one: nothing is undone',
    state: { since: late, looks: [look('ns/a', { serial: 'A' }), look('ns/b', { fault: 'refused' })] },
    is: 'differs',
  },
  {
    name: 'no server for the host, and none before: nothing is undone',
    state: { since: late, looks: [look('ns/a', { fault: 'no handshake' })] },
    is: 'differs',
  },
  {
    name: 'the certificate of somebody else is served: nothing is undone',
    state: { since: late, looks: [look('ns/a', { serial: 'F' })] },
    is: 'differs',
  },
  {
    name: 'the destination holds no newest pair of ours',
    state: { since: late, heldIsNewest: false },
    is: 'differs',
  },
  { name: 'no older pair is usable', state: { since: late, older: [] }, is: 'differs' },
  {
    name: 'the older pair has less than an hour left',
    state: { since: late, older: [{ serial: 'A', notAfter: now + hour - 1 }] },
    is: 'differs',
  },
  {
    name: 'the clock was set back: it is not waited for ever',
    state: { since: now + 24 * hour },
    is: 'rollBack',
  },
]

for (const { name, state, is } of rows) {
  t.test(name, (t) => {
    t.equal(verdictOf({ ...fresh, ...state }).is, is)
    t.end()
  })
}

t.test('what goes back is the pair that was served, not merely the one before', (t) => {
  const older = [{ serial: 'Z', notAfter: old.notAfter }, old]
  const verdict = verdictOf({ ...fresh, since: late, older })
  t.strictSame(verdict, { is: 'rollBack', to: old, pods: ['ns/a', 'ns/b'] })
  t.end()
})
