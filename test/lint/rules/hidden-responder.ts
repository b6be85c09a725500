import t from 'tap'
import { hiddenResponder } from '../../../src/lint/rules/hidden-responder.ts'
import { accused, findingsOf, type Given } from '../fixtures/linted.ts'

const service = (annotations: string, place = 'port80/port80') => {
  const [namespace, name] = place.split('/')
  return `apiVersion: v1
kind: Service
metadata: { namespace: ${namespace}, name: ${name}, annotations: { ${annotations} } }
spec: { ports: [{ name: http, port: 80 }] }
`
}
const exported = (to: string) => service(`networking.istio.io/exportTo: '${to}'`)
const said = ['P80-110 Service port80/port80 metadata.annotations[networking.istio.io/exportTo]']
const secrets = [{ name: 'hello', namespaces: [] }]
const hosts = ['hello.example.com']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'to its own namespace', yaml: exported('.'), says: said },
  { name: 'to nobody', yaml: exported('~'), says: said },
  { name: 'to another namespace', yaml: exported('shop'), says: said },
  { name: 'to that of the gateway among others', yaml: exported('., edge'), says: [] },
  { name: 'to all', yaml: exported('*'), says: [] },
  { name: 'without a word', yaml: service(''), says: [] },
  {
    name: 'to its own, where nobody knows of the gateway',
    yaml: exported('.'),
    scope: { managed: { hosts, certificates: [{ name: 'hello', hosts, secrets }] } },
    says: [],
  },
  {
    name: 'another Service',
    yaml: service("networking.istio.io/exportTo: '.'", 'port80/other'),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`exported: ${name}`, async (t) => {
    t.strictSame(accused(hiddenResponder, given), says)
  })
}

t.test('the command takes the annotation away', async (t) => {
  t.strictSame(findingsOf(hiddenResponder, { yaml: exported('.') })[0]?.fix, {
    do: 'run',
    command: 'kubectl -n port80 annotate service port80 networking.istio.io/exportTo-',
  })
})
