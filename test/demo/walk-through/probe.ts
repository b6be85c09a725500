import t from 'tap'
import { Authority } from '../../../demo/ca/authority.ts'
import { startGateway } from '../../../demo/gateway.ts'
import { startProbe } from '../../../demo/walk-through/probe.ts'
import { directoryDestination } from '../../../src/destination/directory.ts'
import { makePair } from '../fixtures/pair.ts'
import { until } from '../fixtures/until.ts'

t.test('counts requests, tells of a new serial, and of what failed', async (t) => {
  const directory = t.testdir({ ca: {}, certificates: {} })
  const authority = await Authority.open(`${directory}/ca`, 0, true)
  const destination = directoryDestination({ directory: `${directory}/certificates` })
  const pair = () => makePair(authority, ['book.localhost'])
  await destination.install('book', await pair())
  const gateway = await startGateway({ directory: `${directory}/certificates` })
  t.teardown(() => gateway.stop())
  const serials: string[] = []
  const faults: string[] = []
  const probe = startProbe({
    port: gateway.port,
    hosts: ['book.localhost', 'absent.localhost'],
    root: authority.rootPems[0] ?? '',
    intervalMs: 5,
    onSerial: (host, now, before) => serials.push(`${host} ${before} ${now}`),
    onFault: (host, fault) => faults.push(`${host} ${fault}`),
  })
  await until(
    () => probe.counts(),
    ({ requests }) => requests >= 4,
  )
  const [before] = gateway.certificates()
  await destination.install('book', await pair())
  await until(
    () => serials.length,
    (count) => count > 0,
  )
  await probe.stop()
  const [now] = gateway.certificates()
  t.same(serials, [`book.localhost ${before?.serial} ${now?.serial}`])
  const { requests, failed } = probe.counts()
  t.equal(failed, faults.length)
  t.ok(
    faults.every((fault) => fault.startsWith('absent.localhost ')),
    'only the host that nobody serves',
  )
  t.ok(Math.abs(requests - 2 * failed) <= 1, 'both hosts in turn')
  const at = requests
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(probe.counts().requests, at, 'nothing after the stop')
})
