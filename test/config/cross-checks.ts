import t from 'tap'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'

const two = (first: string, second: string) => `certificates:\n  - ${first}\n  - ${second}\n`

const beside: FaultRow[] = [
  {
    name: 'cross-checks run beside faults of the same certificate',
    yaml: 'certificates: [{domains: ["*.a.test", b.test, b.test], issuer: other}]',
    says: [
      '1: certificates[0].name: is required; write a name of lower-case letters, digits and hyphens, at most 63, such as book',
      '1: certificates[0].domains[0]: "*.a.test" is a wildcard, which HTTP-01 cannot validate; list each name instead',
      '1: certificates[0].issuer: "other" is no issuer; write one of letsencrypt-staging, letsencrypt, or add it to issuers',
      '1: certificates[0].domains[2]: "b.test" stands twice, first as domains[1]; take one out',
    ],
  },
  {
    name: 'a faulty directory is not missing as well, and its issuer is defined',
    yaml: 'issuers: {ca: {directory: 5}}\ncertificates: [{name: a, domains: [a.test], issuer: ca}]\n',
    says: [
      '1: issuers.ca.directory: 5 is a whole number; write the URL of an ACME directory, such as https://acme.example.com/directory',
    ],
  },
  {
    name: 'a faulty issuer is defined',
    yaml: 'issuers: {ca: 5}\ncertificates: [{name: a, domains: [a.test], issuer: ca}]\n',
    says: [
      '1: issuers.ca: (hidden) is a whole number; write an object with directory, email, externalAccount, profile, preferredChain, caBundle, accountKeyType, preflight, caaIdentities, limits',
    ],
  },
  {
    name: 'nobody is told that an issuer is unknown while the section is faulty',
    yaml: 'issuers: [ca]\ncertificates: [{name: a, domains: [a.test], issuer: ca}]\n',
    says: ['1: issuers: (a list of 1) is of the wrong kind; write an object of names'],
  },
  {
    name: 'a faulty issuer is not the default one',
    yaml: 'certificates: [{name: a, domains: [a.test], issuer: 5, fallbackIssuer: letsencrypt-staging}]',
    says: ['1: certificates[0].issuer: 5 is a whole number; put it in quotes'],
  },
  {
    name: 'a faulty port is not the default one',
    yaml: 'listeners: {public: {port: 9090}, admin: {port: x}}',
    says: ['1: listeners.admin.port: "x" is text; write a port from 0 to 65535'],
  },
  {
    name: 'two certificates with a faulty domain each are not the same',
    yaml: two('{name: a, domains: [5]}', '{name: b, domains: [5]}'),
    says: [
      '2: certificates[0].domains[0]: 5 is a whole number; write a DNS name such as book.example.com, or an IP address',
      '3: certificates[1].domains[0]: 5 is a whole number; write a DNS name such as book.example.com, or an IP address',
    ],
  },
]
checkFaultRows(t, beside)
