import t from 'tap'
import { readObjects } from '../../src/lint/read-objects.ts'

const named = (apiVersion: string, kind: string, spec: unknown) => ({
  ...{ apiVersion, kind, spec },
  metadata: { name: 'public', namespace: 'shop' },
})

t.test('a Gateway is read by its group, and what is left out has its default', async (t) => {
  const { objects, remarks } = readObjects([
    named('networking.istio.io/v1', 'Gateway', {
      servers: [{ hosts: ['*'], port: { number: 80 }, tls: {} }],
    }),
    named('gateway.networking.k8s.io/v1', 'Gateway', { listeners: null }),
  ])
  t.strictSame(remarks, [])
  t.equal(objects.gateways[0]?.spec.servers[0]?.tls?.mode, 'PASSTHROUGH')
  t.strictSame(objects.apiGateways[0]?.spec.listeners, [])
})

t.test('a malformed object is a remark with its name, and the rest is read', async (t) => {
  const { objects, remarks } = readObjects([
    named('networking.istio.io/v1', 'Gateway', { servers: 'none' }),
    named('networking.istio.io/v1', 'VirtualService', { hosts: ['a.example.com'] }),
    'no object',
  ])
  t.equal(objects.gateways.length, 0)
  t.strictSame(objects.virtualServices[0]?.spec.hosts, ['a.example.com'])
  t.match(remarks, [/without kind/, /Gateway shop\/public .*spec\.servers/])
})

t.test('nothing of the value of a Secret is kept', async (t) => {
  const data = { 'tls.key': Buffer.from('very private').toString('base64'), 'tls.crt': '' }
  const { objects } = readObjects([{ ...named('v1', 'Secret', undefined), data }])
  t.strictSame(objects.secrets[0]?.keys, ['tls.key'])
  t.strictSame(objects.secrets[0]?.emptyKeys, ['tls.crt'])
  t.notMatch(JSON.stringify(objects), /private|dmVyeSBwcml2YXRl/)
})
