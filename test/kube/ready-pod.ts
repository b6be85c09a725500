/** Which responders are asked, from EndpointSlices as the endpoint controller writes them. */
import t from 'tap'
import type { Endpoint, EndpointSlice } from '../../src/kube/object.ts'
import { readyPods } from '../../src/kube/ready-pod.ts'

const port = { name: 'http', port: 8080 }

function slice(endpoints: Endpoint[] | null, more: Partial<EndpointSlice> = {}): EndpointSlice {
  return { metadata: {}, addressType: 'IPv4', endpoints, ports: [port], ...more }
}

function endpoint(name: string, address: string, conditions?: Endpoint['conditions']): Endpoint {
  return { addresses: [address], targetRef: { kind: 'Pod', name }, ...(conditions && { conditions }) }
}

t.test('ready, and not ending', (t) => {
  const rows: [string, Endpoint['conditions'], boolean][] = [
    ['ready', { ready: true, serving: true, terminating: false }, true],
    ['nothing said', undefined, true],
    ['ready not said', {}, true],
    ['not ready', { ready: false }, false],
    ['ending, still serving', { ready: false, serving: true, terminating: true }, false],
    ['ending, said to be ready', { ready: true, terminating: true }, false],
  ]
  for (const [name, conditions, asked] of rows) {
    const pods = readyPods([slice([endpoint('a', '10.0.0.1', conditions)])], 'http')
    t.strictSame(pods, asked ? [{ id: 'a', address: '10.0.0.1', port: 8080 }] : [], name)
  }
  t.end()
})

t.test('all slices together, each pod once', (t) => {
  const slices = [
    slice([endpoint('a', '10.0.0.1'), endpoint('b', '10.0.0.2')]),
    slice([endpoint('c', '10.0.0.3')]),
    slice([endpoint('a', 'fd00::1'), endpoint('b', 'fd00::2')], { addressType: 'IPv6' }),
  ]
  t.strictSame(
    readyPods(slices, 'http').map(({ address }) => address),
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  )
  t.end()
})

t.test('what leads nowhere is left out', (t) => {
  const rows: [string, EndpointSlice][] = [
    ['no endpoints', slice(null)],
    ['no addresses', slice([{ addresses: [] }])],
    ['names', slice([endpoint('a', 'a.example.com')], { addressType: 'FQDN' })],
    ['another port', slice([endpoint('a', '10.0.0.1')], { ports: [{ name: 'admin', port: 9090 }] })],
    ['a port without a number', slice([endpoint('a', '10.0.0.1')], { ports: [{ name: 'http' }] })],
    ['no ports', slice([endpoint('a', '10.0.0.1')], { ports: null })],
  ]
  for (const [name, each] of rows) t.strictSame(readyPods([each], 'http'), [], name)
  t.end()
})

t.test('a Service with one port need not name it, and an endpoint need not name its pod', (t) => {
  const pods = readyPods([slice([{ addresses: ['10.0.0.1'] }], { ports: [{ port: 80 }] })], '')
  t.strictSame(pods, [{ id: '10.0.0.1', address: '10.0.0.1', port: 80 }])
  t.end()
})

t.test('a number is the port that the pods listen on, whatever the Service calls it', (t) => {
  const pods = readyPods(
    [slice([{ addresses: ['10.0.0.1'] }], { ports: [{ name: 'web', port: 80 }] })],
    8_080,
  )
  t.strictSame(pods, [{ id: '10.0.0.1', address: '10.0.0.1', port: 8_080 }])
  t.end()
})
