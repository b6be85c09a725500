/** Events of findings, on a real API server. */
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { meshDay } from '../../status/fixtures/mesh-day.ts'
import { book, goodDay } from '../../status/fixtures/page-snapshots.ts'
import { startCluster } from './fixtures/cluster.ts'
import { at, eventScene, until } from './fixtures/event-scene.ts'

const cluster = await startCluster(t)

t.test('a finding begins, outlasts a change of leader that has not looked yet, and ends', async (t) => {
  const { destination, open, look, eventsOn } = await eventScene(cluster)
  const [finding] = meshDay.findings ?? []
  const certificates = [{ ...book, ...at(destination.id, 'installed'), attempts: [] }]
  const found = [{ ...finding!, host: 'book.example.com' }]
  look.now = { ...goodDay, certificates, findings: found, looked: ['lint'] }
  const first = open()
  first.changed()
  const seen = () => eventsOn('Secret', 'book')
  const [began] = await until(seen, (events) => events.length === 1)
  t.match(began, { reason: 'P80-101', type: 'Warning', message: /^httpsRedirect on a managed host for book/ })
  await first.close()

  look.now = { ...goodDay, certificates }
  const second = open({ leader: 'worker-2' })
  second.changed()
  await pause(1_000)
  t.match(await seen(), [{ type: 'Warning', count: 1 }], 'nobody has looked: it is as it was')
  look.now = { ...goodDay, certificates, findings: [], looked: ['lint'] }
  second.changed()
  const [ended] = await until(seen, ([event]) => event?.count === 2)
  t.match(ended, { reason: 'P80-101', type: 'Normal', message: /^No longer: httpsRedirect/ })
  await second.close()
})
