import t from 'tap'
import { selectorKey } from '../../src/discovery/claim.ts'
import { PodNamespaces } from '../../src/discovery/pod-namespaces.ts'
import type { Pods } from '../../src/discovery/view.ts'
import { Port80Failure } from '../../src/reason.ts'
import { api, ingress, istio, istioServers } from './fixtures/objects.ts'

const gateway = istio({ book: ['a.example.com'] })
const fails = new Port80Failure({ reason: 'StoreFailed', detail: 'list pods: away' })

type Answer = readonly string[] | Port80Failure
const rows: readonly (readonly [name: string, answers: readonly Answer[], expected: Pods])[] = [
  ['the namespaces in order', [['b', 'a']], { namespaces: ['a', 'b'] }],
  ['no pod yet', [[]], { namespaces: [] }],
  ['none can be listed', [fails], { fault: 'list pods: away' }],
  ['found later', [[], ['a']], { namespaces: ['a'] }],
  ['listed later', [fails, ['a']], { namespaces: ['a'] }],
  ['a gateway that is rolled has no pod for a moment', [['a'], []], { namespaces: ['a'] }],
  ['and an API server that is away no answer', [['a'], fails], { namespaces: ['a'] }],
  ['a gateway that moves is followed', [['a'], ['b']], { namespaces: ['b'] }],
]

for (const [name, answers, expected] of rows) {
  t.test(name, async (t) => {
    const left = [...answers]
    const pods = new PodNamespaces(async () => {
      const next = left.shift()
      if (next instanceof Port80Failure) throw next
      return next ?? []
    })
    let found = await pods.look([gateway], true)
    while (left.length > 0) found = await pods.look([gateway], true)
    t.strictSame(found.get(selectorKey(ingress)), expected)
  })
}

t.test('each selector is asked for once, and again only when that is wanted', async (t) => {
  const asked: string[] = []
  const pods = new PodNamespaces(async (selector) => {
    asked.push(selectorKey(selector))
    return ['a']
  })
  const server = { hosts: ['b.example.com'], tls: { mode: 'SIMPLE', credentialName: 'other' } }
  const others = Array.from({ length: 9 }, (_, index) => istioServers([server], {}, { gw: `g${index}` }))
  const reference = api([{ hostname: 'a.example.com', secrets: [{ name: 'a' }] }])
  const readings = [gateway, istio({ more: ['c.example.com'] }), reference, ...others]
  t.equal((await pods.look(readings, false)).size, 10)
  t.equal(asked.length, 10)
  t.equal((await pods.look(readings, false)).size, 10)
  t.equal(asked.length, 10)
  await pods.look([gateway], true)
  t.equal(asked.length, 11)
})

t.test('a bug is no answer', async (t) => {
  const pods = new PodNamespaces(async () => {
    throw new TypeError('a bug')
  })
  await t.rejects(pods.look([gateway], true), TypeError)
})
