/** What the gateways serve on 443; most rows make their mistake for `www`, whose certificate port80 does not write. */
import { authority, secretData, selfSigned, type TlsPair } from '../../mesh/fixtures/tls-pair.ts'
import type { BrokenRow, Place } from '../fixtures/row.ts'
import { served, welcomed } from '../fixtures/served.ts'
import { wwwGateway, wwwHost, wwwName, wwwSecret } from '../fixtures/www.ts'

const caCrt = (pem: string) => ({ 'ca.crt': Buffer.from(pem).toString('base64') })
const partners = await authority('Partners of the Shop')
const partner = await partners.issue('partner', '0c0ffee4')
/** Signed with a key of the bench: the name is what counts for port80, and it must not be able to let anybody in elsewhere. */
const publicCa = await authority('Internet Security Research Group')
const stranger = await publicCa.issue('stranger', '0c0ffee5')

export const servedRows: readonly BrokenRow[] = [
  {
    ...{ name: 'the Secret is beside the Gateway, not beside its pods', id: 'beside-gateway', inYaml: false },
    lint: { code: 'P80-201', object: (at) => `Secret ${at.shop}/${wwwName(at)}` },
    breakIt: async (at) => {
      await at.apply(wwwSecret(at, at.shop, secretData(await selfSigned(wwwHost(at), '0c0ffee1'))))
      await at.apply(wwwGateway(at, at.shop))
    },
    shown: { look: (at) => served(at, wwwHost(at)), broken: /^none$/, mended: /^0c0ffee1$/ },
    undo: async (at) => {
      await at.kubectl('delete', 'secret', wwwName(at), '--namespace', at.edge, '--ignore-not-found')
    },
  },
  {
    ...{ name: 'a slip in credentialName', id: 'slip', inYaml: false },
    lint: { code: 'P80-202', object: ({ edge, name }) => `Gateway ${edge}/${name}` },
    breakIt: async ({ edge, name, kubectl }) => {
      const value = [{ op: 'replace', path: '/spec/servers/0/tls/credentialName', value: `${name}-tsl` }]
      const patch = ['--type', 'json', '--patch', JSON.stringify(value)]
      await kubectl('patch', 'gateways.networking.istio.io', name, '--namespace', edge, ...patch)
    },
    shown: { look: (at) => served(at, at.host), broken: /^none$/, mended: /^[0-9a-f]+$/ },
  },
  {
    ...{ name: 'nobody renewed a certificate that was copied by hand', id: 'by-hand', inYaml: true },
    lint: { code: 'P80-205', object: (at) => `Secret ${at.edge}/${wwwName(at)}` },
    breakIt: async (at) => {
      const old = await selfSigned(wwwHost(at), '0c0ffee2', { from: -87, to: 3 })
      await at.apply(wwwSecret(at, at.edge, secretData(old)))
      await at.apply(wwwGateway(at, at.edge))
    },
    shown: { look: (at) => served(at, wwwHost(at)), broken: /^0c0ffee2$/, mended: /^0c0ffee3$/ },
    // Renewed where it comes from.
    mend: async (at) => renew(at, await selfSigned(wwwHost(at), '0c0ffee3', { from: 0, to: 90 })),
  },
  {
    ...{ name: 'a certificate without www serves www', id: 'without-www', inYaml: true },
    lint: { code: 'P80-204', object: (at) => `Secret ${at.edge}/${wwwName(at)}` },
    breakIt: async (at) => {
      await at.apply(wwwSecret(at, at.edge, secretData(await selfSigned(`shop.${at.host}`, '0c0ffee9'))))
      await at.apply(wwwGateway(at, at.edge))
    },
    shown: { look: (at) => served(at, wwwHost(at)), broken: /^0c0ffee9$/, mended: /^0c0ffeea$/ },
    // A certificate with this name, as the finding says.
    mend: async (at) => renew(at, await selfSigned(wwwHost(at), '0c0ffeea')),
  },
  {
    ...{ name: 'MUTUAL, and ca.crt is who issued the certificate', id: 'public-clients', inYaml: true },
    lint: { code: 'P80-209', object: (at) => `Secret ${at.edge}/${wwwName(at)}` },
    breakIt: async (at) => {
      const pair = secretData(await selfSigned(wwwHost(at), '0c0ffee6'))
      await at.apply(wwwSecret(at, at.edge, { ...pair, ...caCrt(publicCa.certificate) }))
      await at.apply(wwwGateway(at, at.edge, 'MUTUAL'))
    },
    shown: { look: guests, broken: /^stranger$/, mended: /^partner$/ },
    mend: (at) =>
      at.apply({
        ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data: caCrt(partners.certificate) },
        metadata: { name: `${wwwName(at)}-cacert`, namespace: at.edge },
      }),
  },
]

async function renew(at: Place, pair: TlsPair): Promise<void> {
  const patch = ['--type', 'merge', '--patch', JSON.stringify({ data: secretData(pair) })]
  await at.kubectl('patch', 'secret', wwwName(at), '--namespace', at.edge, ...patch)
}

/** Whom the gateways answer on www. */
async function guests(at: Place): Promise<string> {
  const [first, second] = [
    await welcomed(at, wwwHost(at), stranger),
    await welcomed(at, wwwHost(at), partner),
  ]
  const names = [first === 'answered' ? 'stranger' : '', second === 'answered' ? 'partner' : '']
  return names.filter((name) => name !== '').join(' ') || 'nobody'
}
