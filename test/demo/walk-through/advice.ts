import t from 'tap'
import { advice, knowsLocalhost } from '../../../demo/walk-through/advice.ts'

const input = {
  publicPort: 8080,
  gatewayPort: 8443,
  adminPort: 9090,
  rootPem: 'ca/root.pem',
  config: 'demo/port80.yaml',
}

t.test('names *.localhost as it is where curl knows it', async (t) => {
  const text = advice({ ...input, curlVersion: 'curl 8.5.0 (x86_64)' }).join('\n')
  t.match(text, "curl -i 'http://book.localhost:8080/productpage?x=1'")
  t.match(text, "curl --cacert ca/root.pem -L 'http://book.localhost:8080/productpage?x=1'")
  t.notMatch(text, '--resolve')
})

t.test('tells an older curl where both ports are', async (t) => {
  const [, first] = advice({ ...input, curlVersion: 'curl 7.81.0 (x86_64)' })
  t.match(first, '--resolve book.localhost:8080:127.0.0.1 --resolve book.localhost:8443:127.0.0.1')
})

for (const [version, knows] of [
  ['curl 7.84.0', false],
  ['curl 7.85.0', true],
  ['curl 8.0.1', true],
  ['curl 10.2.0', true],
  [undefined, true],
] as const)
  t.test(`${version ?? 'no curl'}: ${knows ? 'nothing to add' : 'needs --resolve'}`, async (t) => {
    t.equal(knowsLocalhost(version), knows)
  })
