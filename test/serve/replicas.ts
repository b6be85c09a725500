/** Two processes on one folder: one orders, both answer, and the other takes over when the first is killed. */
import t from 'tap'
import { startPort80, until } from './fixtures/process.ts'
import { certificates, scene } from './fixtures/world.ts'

t.test('one of two leads; tokens are answered by the other; a kill hands over', async (t) => {
  const { ca, folder, yaml } = await scene(t)
  const first = await startPort80(t, folder, yaml(certificates('book', 'book.localhost')))
  ca.setValidationPort(first.publicPort)
  await until(first.status, (status) => status.certificates[0]?.state === 'ready')
  const second = await startPort80(
    t,
    folder,
    yaml(certificates('book', 'book.localhost', 'hello', 'hello.localhost')),
  )
  const standby = await until(second.status, ({ worker }) => worker.role === 'standby')
  t.match(standby.worker.leader, String(first.child.pid), 'the standby says who leads')
  t.equal(standby.certificates[0]?.state, 'ready', 'and shows the whole picture')

  // The CA asks the process that does not lead.
  ca.setValidationPort(second.publicPort)
  await first.line('configuration accepted')
  await until(
    first.status,
    ({ certificates }) => certificates.length === 2 && certificates.every(({ state }) => state === 'ready'),
  )
  t.equal(ca.stats.failedValidations, 0)
  t.equal(ca.stats.orders, 2)

  first.child.kill('SIGKILL')
  await until(second.status, ({ worker }) => worker.role === 'leader')
  t.equal(ca.stats.orders, 2, 'the new leader finds nothing to do')
  second.child.kill('SIGTERM')
  t.same(await second.ended, { code: 0, signal: null })
})
