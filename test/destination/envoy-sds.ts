import t from 'tap'
import { parse } from 'yaml'
import { envoySdsResource } from '../../src/destination/envoy-sds.ts'

const resourceFor = (folder: string) => ({
  resources: [
    {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
      name: 'book',
      tls_certificate: {
        certificate_chain: { filename: `${folder}/tls.crt` },
        private_key: { filename: `${folder}/tls.key` },
        watched_directory: { path: folder },
      },
    },
  ],
})

const rows: [string, string, string][] = [
  ['a plain path', '/etc/certificates/book', '/etc/certificates/book'],
  ['a trailing slash', '/etc/certificates/book/', '/etc/certificates/book'],
  ['what YAML would take for something else', '/a b/c: d/#e/"f"/\\g/é', '/a b/c: d/#e/"f"/\\g/é'],
  ['a line end', '/a\nb', '/a\nb'],
]
for (const [name, folder, seen] of rows) {
  t.test(`is a DiscoveryResponse with one secret for ${name}`, async (t) => {
    t.strictSame(parse(envoySdsResource('book', folder)), resourceFor(seen))
  })
}

t.test('the text is pinned: a change of it makes every gateway read anew', async (t) => {
  t.equal(
    envoySdsResource('book', '/etc/certificates/book'),
    `# Written by port80. Use it as sds_config.path_config_source.path of the secret book.
resources:
  - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
    name: "book"
    tls_certificate:
      certificate_chain: { filename: "/etc/certificates/book/tls.crt" }
      private_key: { filename: "/etc/certificates/book/tls.key" }
      watched_directory: { path: "/etc/certificates/book" }
`,
  )
})
