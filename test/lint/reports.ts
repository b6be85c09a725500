/** The same finding for people, for programs and for code scanning; and where it stands in the file. */
import t from 'tap'
import type { Finding } from '../../src/finding/finding.ts'
import { documentsIn } from '../../src/lint/documents.ts'
import { pathOf, placesOf } from '../../src/lint/places.ts'
import { reportJson } from '../../src/lint/report-json.ts'
import { reportText } from '../../src/lint/report-text.ts'
import { sarifOf } from '../../src/lint/sarif.ts'

const text = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  listeners: []
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  servers:
    - port: {number: 80}
      tls:
        httpsRedirect: true
---
apiVersion: v1
kind: Secret
metadata: {name: book}
`
const places = placesOf(documentsIn('./my gateways/a.yaml', text).found)
const redirect: Finding = {
  code: 'P80-101',
  object: { kind: 'Gateway', namespace: 'edge', name: 'public', field: 'spec.servers[0].tls.httpsRedirect' },
  host: 'book.example.com',
  seen: 'port 80 answers 301 itself',
  fix: { do: 'edit', yaml: 'spec:\n  servers: []\n' },
}
const note: Finding = {
  code: 'P80-106',
  object: { kind: 'HTTPRoute', namespace: 'edge', name: 'other' },
  seen: '302',
  fix: { do: 'run', command: 'kubectl x' },
}

const lines: readonly { name: string; object: Finding['object']; line: number | undefined }[] = [
  { name: 'the field', object: redirect.object, line: 14 },
  {
    name: 'of two kinds of one name the one that has the field',
    object: { ...redirect.object, field: 'spec.listeners' },
    line: 5,
  },
  {
    name: 'a field that is missing: what is around it',
    object: { ...redirect.object, field: 'spec.servers[0].name' },
    line: 12,
  },
  { name: 'the object', object: { kind: 'Secret', namespace: 'default', name: 'book' }, line: 16 },
  {
    name: 'nothing that is in no file',
    object: { kind: 'Secret', namespace: 'edge', name: 'book' },
    line: undefined,
  },
]
for (const { name, object, line } of lines)
  t.test(`the line of ${name}`, async (t) => {
    t.equal(places.placed({ ...redirect, object }).place?.line, line)
  })

t.test('paths as findings have them', async (t) => {
  t.strictSame(pathOf('metadata.annotations["port80.io/adopt"]'), [
    'metadata',
    'annotations',
    'port80.io/adopt',
  ])
  t.strictSame(pathOf('spec.http[2].match[0].uri'), ['spec', 'http', 2, 'match', 0, 'uri'])
  t.strictSame(pathOf(''), [])
})

const found = [redirect, note].map((finding) => places.placed(finding))

t.test('text', async (t) => {
  t.equal(
    reportText(found, { objects: 3 }),
    `error P80-101: httpsRedirect on a managed host
  object  Gateway edge/public spec.servers[0].tls.httpsRedirect
  file    ./my gateways/a.yaml:14
  host    book.example.com
  seen    port 80 answers 301 itself
  why     Envoy answers 301 for the whole virtual host before it looks at any route, so the CA never reaches the token.
  fix     spec:
            servers: []
  page    docs/findings/P80-101.md

note P80-106: 302 where 301 is meant
  object  HTTPRoute edge/other
  seen    302
  why     A temporary redirect is asked again with every visit; Gateway API redirects with 302 unless told otherwise.
  run     kubectl x
  page    docs/findings/P80-106.md

1 error, 0 warnings, 1 note in 3 objects
`,
  )
})

t.test('JSON', async (t) => {
  t.match(reportJson(found, { remarks: ['x'], objects: 3 }), {
    findings: [
      {
        ...redirect,
        severity: 'error',
        page: 'findings/P80-101.md',
        line: 14,
        why: /^Envoy/,
        title: /^httpsR/,
      },
      { ...note, severity: 'note', file: undefined },
    ],
    remarks: ['x'],
    objects: 3,
  })
})

t.test('SARIF', async (t) => {
  t.match(sarifOf(found, { version: '1.2.3', remarks: ['x'] }), {
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            version: '1.2.3',
            rules: [
              { id: 'P80-101', help: { text: 'docs/findings/P80-101.md of port80' } },
              { id: 'P80-106' },
            ],
          },
        },
        invocations: [{ toolExecutionNotifications: [{ message: { text: 'x' } }] }],
        results: [
          {
            ...{ ruleId: 'P80-101', ruleIndex: 0, level: 'error' },
            message: { text: /book\.example\.com.*301 itself\nFix: spec:/s },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'my%20gateways/a.yaml' },
                  region: { startLine: 14 },
                },
              },
            ],
          },
          { ruleId: 'P80-106', ruleIndex: 1, level: 'note', locations: [{ physicalLocation: undefined }] },
        ],
      },
    ],
  })
})
