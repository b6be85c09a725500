/** A round of the worker's lint, on an API server that answers only some of what it is asked. */
import t from 'tap'
import type { KubeClient } from '../../src/kube/client.ts'
import type { ApiFailure } from '../../src/kube/api-failure.ts'
import { Port80Failure } from '../../src/reason.ts'
import { judged } from '../../src/serve/linting.ts'
import { configOf, discovering } from '../discovery/fixtures/objects.ts'

const pod = { metadata: { name: 'gateway', namespace: 'istio-system', labels: { istio: 'gateway' } } }

/** It has one pod, and fails so for each list of Gateways. */
function clusterWith(failure: ApiFailure) {
  const list = async ({ resource }: { readonly resource: string }) =>
    resource.startsWith('gateways.') ? { failure } : { ok: { items: resource === 'pods' ? [pod] : [] } }
  const notFound: ApiFailure = { kind: 'notFound', detail: 'is not there' }
  const client = { list, get: async () => ({ failure: notFound }) } as unknown as KubeClient
  return async () => ({ client, namespace: 'port80' })
}

/** Everything is listed, and nothing is there; of Secrets it says so. */
function clusterWithSecrets(failure: ApiFailure) {
  const client = {
    list: async () => ({ ok: { items: [] } }),
    listMetadata: async () => ({ failure }),
    get: async () => ({ failure: { kind: 'notFound', detail: 'is not there' } }),
  } as unknown as KubeClient
  return async () => ({ client, namespace: 'port80' })
}

const secretWanted = `
kubernetes: {}
certificates: [{ name: book, domains: [book.test] }]
destinations: [{ secret: { gateway: { namespaces: [istio-system], selector: { istio: gateway } } } }]
`

const ending = () => ({ now: () => 0, signal: new AbortController().signal })

const round = (failure: ApiFailure) => judged(configOf(discovering), clusterWith(failure), ending())

t.test('while a part cannot be read for now, nothing is said: no finding ends with an outage', async (t) => {
  for (const kind of ['unavailable', 'timedOut', 'tooMany'] as const) {
    const failed = await round({ kind, detail: `list Gateways: ${kind}` }).catch((error: unknown) => error)
    t.type(failed, Port80Failure, kind)
    t.match(failed, { failure: { reason: 'StoreFailed', detail: new RegExp(kind) } })
  }
})

t.test('nor while a Secret that a Gateway names cannot be read', async (t) => {
  const failure: ApiFailure = { kind: 'unavailable', detail: 'list Secrets: unavailable' }
  const failed = await judged(configOf(secretWanted), clusterWithSecrets(failure), ending()).catch(
    (error: unknown) => error,
  )
  t.match(failed, { failure: { reason: 'StoreFailed', detail: /list Secrets/ } })
})

t.test('what may not be read is left out, and the rest is judged', async (t) => {
  const { remarks } = await round({ kind: 'forbidden', detail: 'list Gateways: forbidden' })
  t.match(remarks.join('\n'), /forbidden; left out/)
})
