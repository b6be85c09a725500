import t from 'tap'
import { valueRows } from '../../docs/chart/values-comments.ts'

const text = `# About the file.

# The first.
domains: []
#  - hosts: [a] # an example
#    secretName: b

# A group.
routes:
  # How.
  kind: istio
  inner:
    # Deep, in
    # two lines.
    port: 80
# Labels are one value.
labels: { a: b }
`

t.test('a row a key, with the comment above it and none of the examples', (t) => {
  t.same(valueRows(text), [
    { path: ['domains'], default: [], comment: 'The first.', section: false },
    { path: ['routes'], default: { kind: 'istio', inner: { port: 80 } }, comment: 'A group.', section: true },
    { path: ['routes', 'kind'], default: 'istio', comment: 'How.', section: false },
    { path: ['routes', 'inner'], default: { port: 80 }, comment: '', section: true },
    { path: ['routes', 'inner', 'port'], default: 80, comment: 'Deep, in two lines.', section: false },
    { path: ['labels'], default: { a: 'b' }, comment: 'Labels are one value.', section: false },
  ])
  t.end()
})

t.test('what is no map is refused', (t) => {
  t.throws(() => valueRows('- a'), { message: 'values.yaml is no YAML map' })
  t.end()
})
