/** The Gateway API instead of Istio's own objects: routes that somebody wrote by hand (`routes.kind: none`). */
import { makePlaceholder } from '../../../../src/certificate/placeholder.ts'
import { apiGateway, httpRoute, plainListener, redirectRoute, tlsListener } from '../fixtures/gateway-api.ts'
import type { BrokenRow, Place } from '../fixtures/row.ts'
import { statusOf } from '../fixtures/served.ts'

const byHand = { values: () => ({ routes: { kind: 'none' } }) } as const
const redirect = ({ release, name }: Place) => `HTTPRoute ${release}/${name}-redirect`

export const apiRows: readonly BrokenRow[] = [
  {
    ...{ name: 'an HTTPRoute leads to port80 without a ReferenceGrant', id: 'no-grant', inYaml: false },
    lint: { code: 'P80-108', object: ({ edge, name }) => `HTTPRoute ${edge}/${name}` },
    ...{ reach: 'P80-301', ...byHand },
    breakIt: async (at) => {
      const { name, edge, release } = at
      await at.apply(apiGateway(at, [plainListener]))
      const matches = [{ path: { type: 'PathPrefix', value: '/.well-known/acme-challenge/' } }]
      const rule = { matches, backendRefs: [{ name: 'port80', namespace: release, port: 80 }] }
      const parentRefs = [{ name, sectionName: plainListener.name }]
      await at.apply(httpRoute(name, edge, { parentRefs, rules: [rule] }))
    },
    undo: async ({ release, kubectl }) => {
      await kubectl('delete', 'referencegrants', '--all', '--namespace', release)
    },
  },
  {
    ...{ name: 'an HTTPRoute redirects on both listeners', id: 'both-listeners', inYaml: true, ...byHand },
    lint: { code: 'P80-107', object: redirect },
    breakIt: async (at) => {
      await served(at)
      await at.apply(redirectRoute(at, [undefined], 301))
      await at.apply(application(at))
    },
    shown: { look: (at) => statusOf(at, 'https', '/get'), broken: /^301$/, mended: /^200$/ },
  },
  {
    ...{ name: 'an HTTPRoute is on http and https by name', id: 'both-by-name', inYaml: true, ...byHand },
    lint: { code: 'P80-105', object: redirect },
    breakIt: async (at) => {
      await served(at)
      await at.apply(redirectRoute(at, ['http', 'https'], 301))
      await at.apply(application(at))
    },
    shown: { look: (at) => statusOf(at, 'https', '/get'), broken: /^301$/, mended: /^200$/ },
  },
  {
    ...{ name: 'an HTTPRoute redirects for now only', id: 'for-now', inYaml: true, ...byHand },
    lint: { code: 'P80-106', object: redirect },
    breakIt: async (at) => {
      await served(at)
      await at.apply(redirectRoute(at, ['http']))
      await at.apply(application(at))
    },
    shown: { look: (at) => statusOf(at, 'http', '/get'), broken: /^302$/, mended: /^301$/ },
  },
]

/** The host in a Gateway of the Gateway API instead of Istio's, with the stand-in that port80 writes first. */
async function served(at: Place): Promise<void> {
  const { name, edge, host } = at
  for (const kind of ['virtualservices', 'gateways.networking.istio.io'])
    await at.kubectl('delete', kind, name, '--namespace', edge)
  const { chainPem, keyPem } = await makePlaceholder([host], Date.now())
  const stringData = { 'tls.crt': chainPem, 'tls.key': keyPem }
  const metadata = { name, namespace: edge }
  await at.apply({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', stringData })
  await at.apply(apiGateway(at, [plainListener, tlsListener(at)]))
}

/** Behind https. */
function application({ name, host, edge, shop }: Place) {
  const parentRefs = [{ name, namespace: edge, sectionName: 'https' }]
  const rules = [{ backendRefs: [{ name: 'httpbin', port: 8000 }] }]
  return httpRoute(name, shop, { parentRefs, hostnames: [host], rules })
}
