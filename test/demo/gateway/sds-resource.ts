import t from 'tap'
import { readSdsResource } from '../../../demo/gateway/sds-resource.ts'

const secret = (chain: string, key: string) => ({
  '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
  name: 'book',
  tls_certificate: { certificate_chain: { filename: chain }, private_key: { filename: key } },
})

const rows: readonly [string, string, readonly object[]][] = [
  [
    'JSON with absolute names',
    JSON.stringify({ resources: [secret('/a/tls.crt', '/a/tls.key')] }),
    [{ name: 'book', chainFile: '/a/tls.crt', keyFile: '/a/tls.key' }],
  ],
  [
    'JSON with names relative to its folder',
    JSON.stringify({ resources: [secret('..data/tls.crt', '..data/tls.key')] }),
    [{ name: 'book', chainFile: '/sds/..data/tls.crt', keyFile: '/sds/..data/tls.key' }],
  ],
  [
    'YAML',
    [
      'resources:',
      '- name: book',
      '  tls_certificate:',
      '    certificate_chain: {filename: /a/c}',
      '    private_key: {filename: /a/k}',
    ].join('\n'),
    [{ name: 'book', chainFile: '/a/c', keyFile: '/a/k' }],
  ],
  [
    'nothing in a validation context',
    JSON.stringify({ resources: [{ name: 'ca', validation_context: {} }] }),
    [],
  ],
  ['nothing in another document', 'hello: world', []],
  ['nothing in half a document', '{"resources": [', []],
  ['nothing in an empty file', '', []],
]

for (const [name, text, expected] of rows)
  t.test(`reads ${name}`, async (t) => t.same(readSdsResource(text, '/sds'), expected))
