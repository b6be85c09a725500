/** Several objects that want one Secret. */
import { api, istio } from './fixtures/objects.ts'
import { a, b, c, issuer, old, testRows, young } from './fixtures/rows.ts'

testRows([
  {
    name: 'two that share a Secret: one certificate with the hosts of both, the oldest first',
    readings: [istio({ book: [b, a] }, young), istio({ book: [c] }, old)],
    certificates: [`book: ${c} ${b} ${a}`],
    states: ['Istio Gateway shop/old book wanted', 'Istio Gateway shop/young book wanted'],
  },
  {
    name: 'from two namespaces as well',
    readings: [
      istio({ book: [a] }, { ...old, namespace: 'x' }),
      istio({ book: [b] }, { ...young, namespace: 'y' }),
    ],
    certificates: [`book: ${a} ${b}`],
    states: ['Istio Gateway x/old book wanted', 'Istio Gateway y/young book wanted'],
  },
  {
    name: 'of Istio and of the Gateway API, where that is one Secret',
    readings: [
      istio({ book: [a] }, old),
      api([{ hostname: b, secrets: [{ name: 'book' }] }], { ...young, namespace: 'istio-system' }),
    ],
    certificates: [`book: ${a} ${b}`],
    states: ['Istio Gateway shop/old book wanted', 'Gateway istio-system/young book wanted'],
  },
  {
    name: 'Secrets of one name in two namespaces are two certificates',
    readings: [
      api([{ hostname: a, secrets: [{ name: 'book' }] }], { ...old, namespace: 'x' }),
      api([{ hostname: b, secrets: [{ name: 'book' }] }], { ...young, namespace: 'y' }),
    ],
    certificates: [`book: ${a}`, `book: ${b}`],
    states: ['Gateway x/old book wanted', 'Gateway y/young book wanted'],
  },
  {
    name: 'who says nothing takes what the other says',
    readings: [istio({ book: [a] }, old), istio({ book: [b] }, { ...young, ...issuer('letsencrypt') })],
    certificates: [`book: ${a} ${b}`],
    states: ['Istio Gateway shop/old book wanted', 'Istio Gateway shop/young book wanted'],
  },
  {
    name: 'two issuers for one Secret: the older object wins, the other is told both names',
    readings: [
      istio({ book: [b] }, { ...young, ...issuer('letsencrypt-staging') }),
      istio({ book: [a] }, { ...old, ...issuer('letsencrypt') }),
    ],
    certificates: [`book: ${a}`],
    states: ['Istio Gateway shop/old book wanted', 'Istio Gateway shop/young book conflict'],
    detail:
      /^wants port80.io\/issuer letsencrypt-staging, and Istio Gateway shop\/old, which is older, wants letsencrypt$/,
  },
  {
    name: 'of the same age: by name',
    readings: [
      istio({ book: [b] }, { name: 'b', ...issuer('letsencrypt-staging') }),
      istio({ book: [a] }, { name: 'a', ...issuer('letsencrypt') }),
    ],
    certificates: [`book: ${a}`],
    states: ['Istio Gateway shop/a book wanted', 'Istio Gateway shop/b book conflict'],
  },
  {
    name: 'more hosts together than a certificate may have: the younger is left out',
    readings: [
      istio({ book: Array.from({ length: 100 }, (_, index) => `h${index}.example.com`) }, old),
      istio({ book: [a] }, young),
    ],
    certificates: [`book: ${Array.from({ length: 100 }, (_, index) => `h${index}.example.com`).join(' ')}`],
    states: ['Istio Gateway shop/old book wanted', 'Istio Gateway shop/young book conflict'],
    detail:
      /^cannot join Istio Gateway shop\/old, which is older and has the same Secret: 101 hosts are more than/,
  },
])
