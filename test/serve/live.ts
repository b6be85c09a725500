import t from 'tap'
import { liveOf } from '../../src/serve/live.ts'
import { configOf, discovering, istio, seen } from '../discovery/fixtures/objects.ts'

const file = `${discovering}
certificates:
  - { name: mine, domains: [mine.example.com] }
`
const cluster = () => Promise.reject(new Error('not asked for here'))

t.test('what objects ask for stands behind the file, and goes with them', async (t) => {
  const live = liveOf(configOf(file), { cluster })
  const names = () => live.desired().map(({ name }) => name.replace(/-[0-9a-f]{8}$/, ''))
  t.strictSame(names(), ['mine'])
  t.strictSame(live.sources(), [])
  live.see(seen([istio({ book: ['a.example.com'] })]))
  t.strictSame(names(), ['mine', 'book'])
  const found = live.desired()[1]?.name ?? ''
  t.strictSame(
    live.config().certificates.map(({ name }) => name),
    ['mine', found],
  )
  t.match(live.originsOf(found), [{ namespace: 'shop', name: 'web' }])
  t.strictSame(live.originsOf('mine'), [])
  t.match(live.gatewaysOf(found), [{ namespaces: ['istio-system'], httpPort: 80 }])
  t.match(live.sources(), [{ object: 'Istio Gateway shop/web', state: 'wanted', certificate: found }])
  live.see(seen([]))
  t.strictSame(names(), ['mine'])
})

t.test('a new file is weighed against what was seen before', async (t) => {
  const live = liveOf(configOf(file), { cluster })
  live.see(seen([istio({ book: ['a.example.com'] }, { annotations: { 'port80.io/issuer': 'private' } })]))
  t.match(live.sources(), [{ state: 'faulty' }])
  live.replace(configOf(`${file}\nissuers: { private: { directory: https://ca.example.com/acme } }`))
  t.match(live.sources(), [{ state: 'wanted' }])
  t.match(live.desired(), [{ name: 'mine' }, { issuer: 'private' }])
  live.replace(configOf('certificates: [{ name: mine, domains: [mine.example.com] }]'))
  t.equal(live.sources(), undefined)
  t.equal(live.desired().length, 1)
})
