/** SIGKILL in the middle of an order: the next start goes on with the same order, account and key. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startPort80, until } from './fixtures/process.ts'
import { scene } from './fixtures/world.ts'

t.test(
  'killed while the CA validates, the standby answers the token and finishes the same order',
  async (t) => {
    const { ca, folder, yaml } = await scene(t, { validationPauseMs: 2_000 })
    const leader = await startPort80(t, folder, yaml('certificates: []'))
    await leader.line('leading: this worker orders and renews')
    const heir = await startPort80(t, folder, yaml('certificates: []'))
    ca.setValidationPort(heir.publicPort)
    await writeFile(join(folder, 'port80.yaml'), yaml())
    await until(
      async () => ca.stats.requests['challenge'] ?? 0,
      (accepted) => accepted === 1,
    )
    leader.child.kill('SIGKILL')
    t.same(await leader.ended, { code: null, signal: 'SIGKILL' })
    const account = await readFile(join(folder, 'state', 'account', 'demo.json'), 'utf8')
    const { certificates } = await until(heir.status, (status) => status.certificates[0]?.state === 'ready')
    t.equal(ca.stats.orders, 1, 'no second order')
    t.equal(ca.stats.failedValidations, 0)
    t.equal(ca.stats.accounts, 1)
    t.equal(
      await readFile(join(folder, 'state', 'account', 'demo.json'), 'utf8'),
      account,
      'the account key is the same',
    )
    t.equal(certificates[0]?.failures, 0)
    heir.child.kill('SIGINT')
    t.same(await heir.ended, { code: 0, signal: null })
  },
)

t.test('a second start with a good certificate orders nothing', async (t) => {
  const { ca, folder, yaml } = await scene(t)
  const first = await startPort80(t, folder, yaml())
  ca.setValidationPort(first.publicPort)
  const issued = await until(first.status, (status) => status.certificates[0]?.state === 'ready')
  first.child.kill('SIGTERM')
  await first.ended

  const second = await startPort80(t, folder, yaml())
  const status = await until(second.status, ({ worker }) => worker.lastTickAt !== undefined)
  await until(second.status, ({ certificates }) => certificates[0]?.state === 'ready')
  t.equal(status.certificates[0]?.current?.serial, issued.certificates[0]?.current?.serial)
  t.equal(ca.stats.orders, 1)
  second.child.kill('SIGTERM')
  await second.ended
})

t.test('a second signal ends a slow stop at once', async (t) => {
  const { folder, yaml } = await scene(t)
  const port80 = await startPort80(
    t,
    folder,
    yaml('certificates: []').replace('unreadyWait: 100ms', 'unreadyWait: 50s'),
  )
  port80.child.kill('SIGTERM')
  await port80.line('stopping')
  port80.child.kill('SIGTERM')
  t.same(await port80.ended, { code: 0, signal: null })
})
