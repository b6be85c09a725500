import t from 'tap'
import { inForce, restartNeeded } from '../../src/config/restart.ts'
import { configSchema, type ConfigInput } from '../../src/config/schema.ts'

const rows: { name: string; change: ConfigInput; restart: string[] }[] = [
  { name: 'nothing changed', change: {}, restart: [] },
  {
    name: 'certificates, issuers, redirect, log and self-check are taken up at once',
    change: {
      certificates: [{ name: 'a', domains: ['a.test'] }],
      issuers: { letsencrypt: { email: 'ops@example.com' } },
      redirect: { status: 308 },
      destinations: [{ directory: '/other' }],
      worker: { tick: '1m' },
      log: { level: 'debug' },
      selfCheck: 'off',
    },
    restart: [],
  },
  { name: 'a port', change: { listeners: { public: { port: 80 } } }, restart: ['listeners.public.port'] },
  {
    name: 'limits and the way to stop',
    change: { listeners: { public: { maxConnections: 5, keepAliveTimeout: '5s' }, stop: { drain: '1s' } } },
    restart: ['listeners.public.keepAliveTimeout', 'listeners.public.maxConnections', 'listeners.stop.drain'],
  },
  {
    name: 'the admin address',
    change: { listeners: { admin: { host: '::' } } },
    restart: ['listeners.admin.host'],
  },
  {
    name: 'the store, beside something that is taken up',
    change: { store: { directory: '/other' }, log: { level: 'warn' } },
    restart: ['store.directory'],
  },
  {
    name: 'a cluster in place of a folder, and the way to it',
    change: { store: { kubernetes: {} }, kubernetes: { context: 'other' } },
    restart: ['store.directory', 'store.kubernetes', 'kubernetes.context'],
  },
]

const before = configSchema.parse({})

for (const { name, change, restart } of rows) {
  t.test(name, (t) => {
    const after = configSchema.parse(change)
    t.strictSame(restartNeeded(before, after), restart)
    const effective = inForce(before, after)
    t.strictSame(restartNeeded(before, effective), [], 'what is in force needs no restart')
    const { listeners, store, kubernetes } = before
    t.strictSame(effective, { ...after, listeners, store, kubernetes })
    t.end()
  })
}
