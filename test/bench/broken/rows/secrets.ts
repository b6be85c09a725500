/** The Secret of the certificate, and who reads it. */
import { secretData, selfSigned } from '../../mesh/fixtures/tls-pair.ts'
import { gateway } from '../fixtures/objects.ts'
import type { BrokenRow, KubeObject, Place } from '../fixtures/row.ts'

const accused = ({ edge, name }: Place) => `Secret ${edge}/${name}`
const encoded = (text: string) => Buffer.from(text).toString('base64')
const empty = { 'tls.crt': '', 'tls.key': '' }

function secret({ name, edge }: Place, more: object, annotations: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: edge, annotations }, ...more }
}

export const secretRows: readonly BrokenRow[] = [
  {
    ...{ name: 'the Secret has the keys cert and key', id: 'generic-keys', inYaml: true },
    lint: { code: 'P80-206', object: accused },
    breakIt: (at) =>
      at.apply(secret(at, { type: 'Opaque', data: { cert: encoded('old'), key: encoded('old') } })),
  },
  {
    ...{ name: 'cert-manager writes the Secret', id: 'cert-manager', inYaml: true },
    lint: { code: 'P80-207', object: accused },
    breakIt: (at) =>
      at.apply(
        secret(
          at,
          { type: 'kubernetes.io/tls', data: empty },
          { 'cert-manager.io/certificate-name': at.name },
        ),
      ),
  },
  {
    ...{ name: 'another tool manages the Secret', id: 'external-secrets', inYaml: true },
    lint: { code: 'P80-207', object: accused },
    breakIt: (at) => {
      const { metadata, ...rest } = secret(at, { type: 'kubernetes.io/tls', data: empty })
      const labels = { 'app.kubernetes.io/managed-by': 'external-secrets' }
      return at.apply({ ...rest, metadata: { ...metadata, labels } })
    },
  },
  {
    ...{ name: 'the key belongs to another certificate', id: 'mismatch', inYaml: true },
    lint: { code: 'P80-203', object: accused },
    breakIt: async (at) => {
      const [one, other] = [await selfSigned(at.host, '0c0ffee1'), await selfSigned(at.host, '0c0ffee2')]
      const data = secretData({ ...one, key: other.key })
      await at.apply(secret(at, { type: 'kubernetes.io/tls', data }))
    },
  },
  {
    ...{ name: 'one certificate on two Gateways', id: 'two-gateways', inYaml: true },
    lint: { code: 'P80-208', object: ({ edge, name }) => `Gateway ${edge}/${name}-more` },
    breakIt: async (at) => {
      const tls = { mode: 'SIMPLE', credentialName: at.name }
      const port = { number: 443, name: 'https', protocol: 'HTTPS' }
      const servers = [{ port, hosts: [`more.${at.host}`], tls }]
      await at.apply(gateway(`${at.name}-more`, at.edge, { selector: at.selector, servers }))
    },
    // Its own Secret, as the finding says.
    mend: async (at) => {
      const name = `${at.name}-more`
      const data = secretData(await selfSigned(`more.${at.host}`, '0c0ffee3'))
      await at.apply(secret({ ...at, name }, { type: 'kubernetes.io/tls', data }))
      const value = [{ op: 'replace', path: '/spec/servers/0/tls/credentialName', value: name }]
      const patch = ['--type', 'json', '--patch', JSON.stringify(value)]
      await at.kubectl('patch', 'gateways.networking.istio.io', name, '--namespace', at.edge, ...patch)
    },
  },
  {
    ...{ name: 'the gateway may not read Secrets', id: 'no-role', inYaml: false },
    lint: { code: 'P80-210', object: ({ edge }) => `ServiceAccount ${edge}/${account}` },
    breakIt: async ({ edge, kubectl }) => {
      await kubectl('delete', 'rolebinding', account, '--namespace', edge)
    },
    undo: async ({ edge, kubectl }) => {
      const create = ['create', 'rolebinding', account, `--role=${account}`, '--namespace', edge]
      await kubectl(...create, `--serviceaccount=${edge}:${account}`).catch(() => undefined)
    },
  },
]

const account = 'istio-ingressgateway-service-account'
