import t from 'tap'
import { documentsIn, placeText } from '../../src/lint/documents.ts'

const service = (name: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name } })
const yaml = (name: string) => `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n`

interface Row {
  readonly name: string
  readonly text: string
  readonly objects?: readonly unknown[]
  /** `file:line: ` of each object. */
  readonly places?: readonly string[]
  readonly remarks?: readonly RegExp[]
}
const rows: readonly Row[] = [
  { name: 'nothing', text: '' },
  { name: 'comments alone', text: '# one\n---\n# another\n---\n' },
  { name: 'one document', text: yaml('a'), objects: [service('a')], places: ['f:1: '] },
  {
    name: 'several, with comments, a directive, Windows lines and an end mark',
    text: `%YAML 1.2\r\n--- # Source: a\r\n${yaml('a').replaceAll('\n', '\r\n')}...\r\n---\r\n\r\n${yaml('b')}`,
    objects: [service('a'), service('b')],
    places: ['f:3: ', 'f:10: '],
  },
  {
    name: 'a rule of dashes in a block of text is text',
    text: `${yaml('a')}  annotations:\n    x: |\n      ---\n      y\n`,
    objects: [{ ...service('a'), metadata: { name: 'a', annotations: { x: '---\ny\n' } } }],
    places: ['f:1: '],
  },
  {
    name: 'a list of kubectl, each item with its line',
    text: 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a}\n- apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n',
    objects: [service('a'), service('b')],
    places: ['f:4: ', 'f:7: '],
  },
  { name: 'JSON', text: JSON.stringify(service('a')), objects: [service('a')], places: ['f: '] },
  {
    name: 'an array of JSON, as jq -s makes it',
    text: JSON.stringify([service('a'), service('b')]),
    objects: [service('a'), service('b')],
    places: ['f: ', 'f: '],
  },
  {
    name: 'what is not YAML costs no other document',
    text: `${yaml('a')}---\na: [1\nb: 2\n---\n${yaml('b')}`,
    objects: [service('a'), service('b')],
    places: ['f:1: ', 'f:9: '],
    remarks: [/^f:7: left out: not YAML: /],
  },
  {
    name: 'a template of Helm is told what to do with',
    text: `---\n${yaml('{{ .Values.name }}')}`,
    remarks: [/^f:5: left out: a template of Helm.*helm template CHART \| port80 lint -$/],
  },
  {
    name: 'a key that stands twice counts as it stands last',
    text: `---\n${yaml('a')}kind: Service\n`,
    objects: [service('a')],
    places: ['f:2: '],
    remarks: [/^f:6: kind stands twice/],
  },
  { name: 'a bomb of aliases', text: bomb(), remarks: [/^f:1: left out: not YAML/] },
]

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let at = 1; at < 9; at++)
    lines.push(`a${at}: &a${at} [${Array.from({ length: 10 }, () => `*a${at - 1}`).join(', ')}]`)
  return lines.join('\n')
}

for (const { name, text, objects = [], places = [], remarks = [] } of rows) {
  t.test(name, async (t) => {
    const read = documentsIn('f', text)
    t.same(
      read.found.map(({ object }) => object),
      objects,
    )
    t.strictSame(
      read.found.map(({ place }) => placeText(place)),
      places,
    )
    t.match(read.remarks, remarks)
    t.equal(read.remarks.length, remarks.length)
  })
}

t.test('the line of a place in an object, or of what is nearest to it', async (t) => {
  const text = `---\n${yaml('a')}spec:\n  ports:\n    - name: http\n      port: 80\n`
  const [a] = documentsIn('f', text).found
  t.equal(a?.place.lineOf(['spec', 'ports', 0, 'port']), 9)
  t.equal(a?.place.lineOf(['spec', 'ports', 0, 'appProtocol']), 8)
  t.equal(a?.place.lineOf(['status']), 2)
})

t.test('lines of JSON, where they are asked for', async (t) => {
  const text = JSON.stringify({ kind: 'List', items: [service('a'), service('b')] }, undefined, 2)
  const [, b] = documentsIn('f', text, true).found
  t.equal(text.split('\n')[(b?.place.lineOf(['metadata', 'name']) ?? 0) - 1]?.trim(), '"name": "b"')
})

t.test('nothing of a Secret is in a remark', async (t) => {
  const secret = 'kind: Secret\nstringData:\n  tls.key: very private\n  tls.key: very private\n'
  for (const text of [secret, `${secret}\t- very private: [`])
    t.notMatch(documentsIn('f', text).remarks.join(), /very private/)
})
