import t from 'tap'
import { isGranted, readGrants } from '../../src/discovery/reference-grant.ts'

const gateways = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'shop' }
const secrets = { group: '', kind: 'Secret' }
const grant = (from: object, to: object) =>
  readGrants({ metadata: { name: 'g', namespace: 'certs' }, spec: { from: [from], to: [to] } })
const wanted = { from: 'shop', to: 'certs', secret: 'book' }

const rows: readonly (readonly [name: string, from: object, to: object, granted: boolean])[] = [
  ['to every Secret', gateways, secrets, true],
  ['to this one', gateways, { ...secrets, name: 'book' }, true],
  ['to another one', gateways, { ...secrets, name: 'other' }, false],
  ['from another namespace', { ...gateways, namespace: 'blog' }, secrets, false],
  ['to routes', { ...gateways, kind: 'HTTPRoute' }, secrets, false],
  ['of another group', { ...gateways, group: 'x.io' }, secrets, false],
  ['to Services', gateways, { group: '', kind: 'Service' }, false],
]

for (const [name, from, to, granted] of rows) {
  t.test(name, async (t) => void t.equal(isGranted(grant(from, to), wanted), granted))
}

t.test('within one namespace none is needed', async (t) => {
  t.equal(isGranted([], { from: 'shop', to: 'shop', secret: 'book' }), true)
})

t.test('it counts in its own namespace only', async (t) => {
  t.equal(isGranted(grant(gateways, secrets), { ...wanted, to: 'other' }), false)
})

t.test('an object of another shape grants nothing', async (t) => {
  for (const spec of [undefined, null, 3, {}, { from: [], to: 'x' }]) {
    t.strictSame(readGrants({ metadata: { name: 'g', namespace: 'certs' }, spec }), [])
  }
})
