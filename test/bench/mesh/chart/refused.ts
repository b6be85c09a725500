/** What helm refuses to render, with the words that say why. */
import t from 'tap'
import { refusal, type Values } from './fixtures/helm.ts'

const book = { hosts: ['book.example.com'], secretName: 'book-certificate' }

const refused: { readonly name: string; readonly values: Values; readonly said: RegExp }[] = [
  { name: 'a misspelt value', values: { domians: [] }, said: /'domians' not allowed/ },
  {
    name: 'a misspelt key of a domain',
    values: { domains: [{ ...book, keytype: 'x' }] },
    said: /'keytype' not allowed/,
  },
  {
    name: 'a wildcard',
    values: { domains: [{ ...book, hosts: ['*.example.com'] }] },
    said: /wildcard, which HTTP-01/,
  },
  {
    name: 'an issuer that there is not',
    values: { domains: [{ ...book, issuer: 'letsencript' }] },
    said: /letsencript is no issuer; write one of letsencrypt/,
  },
  {
    name: 'two domains in one Secret',
    values: { domains: [book, { ...book, name: 'other' }] },
    said: /would both write the Secret istio-system\/book-certificate/,
  },
  {
    name: 'two domains of one name',
    values: {
      domains: [
        { ...book, name: 'a' },
        { ...book, secretName: 'a' },
      ],
    },
    said: /are both named a/,
  },
  {
    name: 'namespace beside namespaces',
    values: { domains: [{ ...book, gateway: { namespace: 'a', namespaces: ['b'] } }] },
    said: /write one of the two/,
  },
  {
    name: 'HTTPRoutes on nothing',
    values: { routes: { kind: 'gatewayApi' } },
    said: /names no http listener/,
  },
  {
    name: 'a 443 Gateway of Istio beside the Gateway API',
    values: {
      domains: [{ ...book, tlsGateway: 'create' }],
      routes: { kind: 'gatewayApi', gatewayApi: { parentRefs: [{ name: 'a', sectionName: 'http' }] } },
    },
    said: /makes a Gateway of Istio/,
  },
]

for (const { name, values, said } of refused) {
  t.test(`refuses ${name}`, async (t) => {
    t.match(await refusal(values), said)
  })
}
