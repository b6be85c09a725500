import t from 'tap'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.test`).join(', ')
const two = (first: string, second: string) => `certificates:\n  - ${first}\n  - ${second}\n`

const certificates: FaultRow[] = [
  {
    name: 'two certificates of one name',
    yaml: two('{name: a, domains: [a.test]}', '{name: a, domains: [b.test]}'),
    says: ['3: certificates[1].name: "a" is also the name of certificates[0]; give each a name of its own'],
  },
  {
    name: 'two certificates for the same thing',
    yaml: two('{name: a, domains: [a.test, b.test]}', '{name: b, domains: [b.test, a.test]}'),
    says: [
      '3: certificates[1].domains: (a list of 2) has the same names, issuer and key type as certificates[0]; keep one of the two',
    ],
  },
  {
    name: 'the default key type is the same as the one written out',
    yaml: two('{name: a, domains: [a.test]}', '{name: b, domains: [a.test], keyType: ecdsa-p256}'),
    says: [
      '3: certificates[1].domains: (a list of 1) has the same names, issuer and key type as certificates[0]; keep one of the two',
    ],
  },
  {
    name: 'an ECDSA and an RSA certificate for the same names',
    yaml: two('{name: a, domains: [a.test]}', '{name: b, domains: [a.test], keyType: rsa-2048}'),
    says: [],
  },
  {
    name: 'the same names at two issuers',
    yaml: two('{name: a, domains: [a.test]}', '{name: b, domains: [a.test], issuer: letsencrypt}'),
    says: [],
  },
  {
    name: 'a domain in two certificates',
    yaml: two('{name: a, domains: [a.test]}', '{name: b, domains: [a.test, b.test]}'),
    says: [],
  },
  {
    name: 'a domain twice in one certificate',
    yaml: 'certificates: [{name: a, domains: [a.test, b.test, a.test]}]',
    says: ['1: certificates[0].domains[2]: "a.test" stands twice, first as domains[0]; take one out'],
  },
  {
    name: 'an issuer that nobody defined',
    yaml: 'issuers: {mine: {directory: "https://a.test/"}}\ncertificates: [{name: a, domains: [a.test], issuer: other}]\n',
    says: [
      '2: certificates[0].issuer: "other" is no issuer; write one of letsencrypt-staging, letsencrypt, mine, or add it to issuers',
    ],
  },
  {
    name: 'a misspelled issuer',
    yaml: 'certificates: [{name: a, domains: [a.test], issuer: letsencript}]',
    says: [
      '1: certificates[0].issuer: "letsencript" is no issuer; did you mean letsencrypt? Otherwise write one of letsencrypt-staging, letsencrypt, or add it to issuers',
    ],
  },
  {
    name: 'a fallback that nobody defined',
    yaml: 'certificates: [{name: a, domains: [a.test], fallbackIssuer: other}]',
    says: [
      '1: certificates[0].fallbackIssuer: "other" is no issuer; write one of letsencrypt-staging, letsencrypt, or add it to issuers',
    ],
  },
  {
    name: 'a fallback that is the issuer',
    yaml: 'certificates: [{name: a, domains: [a.test], issuer: letsencrypt, fallbackIssuer: letsencrypt}]',
    says: [
      '1: certificates[0].fallbackIssuer: "letsencrypt" is the issuer itself; write another one, or take it out',
    ],
  },
  {
    name: 'a fallback that is the default issuer',
    yaml: 'certificates: [{name: a, domains: [a.test], fallbackIssuer: letsencrypt-staging}]',
    says: [
      '1: certificates[0].fallbackIssuer: "letsencrypt-staging" is the issuer itself; write another one, or take it out',
    ],
  },
  {
    name: 'a fallback to production',
    yaml: 'certificates: [{name: a, domains: [a.test], fallbackIssuer: letsencrypt}]',
    says: [],
  },
  {
    name: 'as many names as the profile allows',
    yaml: `certificates: [{name: a, domains: [${names(25)}], profile: tlsserver}]`,
    says: [],
  },
  {
    name: 'more names than the profile allows',
    yaml: `certificates: [{name: a, domains: [${names(26)}], profile: tlsserver}]`,
    says: [
      '1: certificates[0].domains: (a list of 26) has 26 names, and the profile allows 25; split the certificate',
    ],
  },
  {
    name: 'more names than the profile of the issuer allows',
    yaml: `issuers: {letsencrypt-staging: {profile: shortlived}}\ncertificates: [{name: a, domains: [${names(26)}]}]`,
    says: [
      '2: certificates[0].domains: (a list of 26) has 26 names, and the profile allows 25; split the certificate',
    ],
  },
  {
    name: 'many names without a profile',
    yaml: `certificates: [{name: a, domains: [${names(100)}]}]`,
    says: [],
  },
  {
    name: 'many names with a profile that is not known',
    yaml: `certificates: [{name: a, domains: [${names(100)}], profile: new}]`,
    says: [],
  },
  {
    name: 'renewal as early as issuance',
    yaml: 'certificates: [{name: a, domains: [a.test], renewal: {renewBefore: 90d}}]',
    says: [
      '1: certificates[0].renewal.renewBefore: "90d" is as long as the certificates live (90 days); write a shorter one, or take it out',
    ],
  },
  {
    name: 'renewal as early as a short life',
    yaml: 'certificates: [{name: a, domains: [a.test], profile: shortlived, renewal: {renewBefore: 160h}}]',
    says: [
      '1: certificates[0].renewal.renewBefore: "160h" is as long as the certificates live (6 days); write a shorter one, or take it out',
    ],
  },
  {
    name: 'renewal in time',
    yaml: 'certificates: [{name: a, domains: [a.test], renewal: {renewBefore: 30d}}]',
    says: [],
  },
  {
    name: 'renewal early at a CA that is not known',
    yaml: 'issuers: {ca: {directory: "https://a.test/"}}\ncertificates: [{name: a, domains: [a.test], issuer: ca, renewal: {renewBefore: 400d}}]',
    says: [],
  },
  {
    name: 'renewal after expiry',
    yaml: 'certificates: [{name: a, domains: [a.test], renewal: {renewBefore: 0s}}]',
    says: ['1: certificates[0].renewal.renewBefore: "0s" is too short; write a duration of at least 1s'],
  },
]
checkFaultRows(t, certificates)
