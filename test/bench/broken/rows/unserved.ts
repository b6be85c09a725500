/** The certificate is there, and the gateways serve another one, or none. */
import { secretData, selfSigned } from '../../mesh/fixtures/tls-pair.ts'
import type { ServedRow } from '../fixtures/judge-served.ts'
import { walkThrough } from '../fixtures/objects.ts'
import type { Place } from '../fixtures/row.ts'
import { served } from '../fixtures/served.ts'
import { wwwGateway, wwwHost, wwwName, wwwSecret } from '../fixtures/www.ts'

const secret = ({ edge, name }: Place) => `Secret ${edge}/${name}`
/** Not one that the row made. */
const ofPort80 = /^(?!none|0c0ffeeb)[0-9a-f]+$/

export const unservedRows: readonly ServedRow[] = [
  {
    ...{ name: 'the 443 Gateway names an older copy of the Secret', id: 'older-copy' },
    lint: { code: 'P80-401', object: secret },
    breakIt: async (at) => {
      await at.apply(
        wwwSecret(at, at.edge, secretData(await selfSigned(at.host, '0c0ffeeb', { from: -1, to: 89 }))),
      )
      await credentialName(at, wwwName(at))
    },
    shown: { look: (at) => served(at, at.host), broken: /^0c0ffeeb$/, mended: ofPort80 },
    // Another Secret serves the host, as the finding says.
    mend: (at) => credentialName(at, at.name),
  },
  {
    ...{ name: 'nobody made a 443 Gateway for the host', id: 'no-443' },
    lint: { code: 'P80-404', object: secret },
    breakIt: async (at) => {
      const { name, edge, kubectl } = at
      // Of another host: without any server on 443 nobody listens there, which is P80-405.
      await at.apply(
        wwwSecret(at, edge, secretData(await selfSigned(wwwHost(at), '0c0ffeec', { from: -1, to: 89 }))),
      )
      await at.apply(wwwGateway(at, edge))
      for (const kind of ['virtualservices', 'gateways.networking.istio.io'])
        await kubectl('delete', kind, name, '--namespace', edge)
    },
    shown: { look: (at) => served(at, at.host), broken: /^none$/, mended: ofPort80 },
    // A server on 443 with the host and the Secret, as the finding says.
    mend: async (at) => {
      for (const object of walkThrough(at)) await at.apply(object)
    },
  },
]

async function credentialName({ name, edge, kubectl }: Place, value: string): Promise<void> {
  const patch = JSON.stringify([{ op: 'replace', path: '/spec/servers/0/tls/credentialName', value }])
  const args = ['--type', 'json', '--patch', patch, '--namespace', edge]
  await kubectl('patch', 'gateways.networking.istio.io', name, ...args)
}
