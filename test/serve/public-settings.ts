import t from 'tap'
import { configSchema } from '../../src/config/schema.ts'
import { publicSettings } from '../../src/serve/public-settings.ts'

t.test('hosts, the statuses of their own, and the internal name', (t) => {
  const config = configSchema.parse({
    certificates: [
      { name: 'a', domains: ['a.test', 'www.a.test'], redirect: { status: 308 } },
      { name: 'b', domains: ['b.test'], redirect: {} },
      { name: 'c', domains: ['c.test'] },
    ],
  })
  const settings = publicSettings(config, 'pods.port80.svc.cluster.local')
  t.strictSame(settings.configuredHosts, ['a.test', 'www.a.test', 'b.test', 'c.test'])
  t.strictSame(
    settings.statuses,
    new Map([
      ['a.test', 308],
      ['www.a.test', 308],
    ]),
  )
  t.equal(settings.internalHost, 'pods.port80.svc.cluster.local')
  t.equal(publicSettings(config).internalHost, undefined)
  t.strictSame(
    publicSettings(config, undefined, [{ host: 'd.test' }]).configuredHosts,
    ['a.test', 'www.a.test', 'b.test', 'c.test', 'd.test'],
    'those that the leader told of, too',
  )
  t.strictSame(
    publicSettings(config, undefined, [
      { host: 'd.test', status: 302 },
      { host: 'e.test' },
      { host: 'a.test', status: 302 },
      { host: 'c.test', status: 302 },
    ]).statuses,
    new Map([
      ['d.test', 302],
      ['a.test', 308],
      ['c.test', 302],
      ['www.a.test', 308],
    ]),
    'and theirs, but for what the file says itself',
  )
  t.end()
})
