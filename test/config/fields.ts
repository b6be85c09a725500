import t from 'tap'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'

const aName = 'a name of lower-case letters, digits and hyphens, at most 63, such as book'
const certificate = (more: string) => `certificates:\n  - name: a\n    domains: [a.test]\n    ${more}\n`

const values: FaultRow[] = [
  {
    name: 'a port too large',
    yaml: 'listeners: {public: {port: 65536}}',
    says: ['1: listeners.public.port: 65536 is too large; write a port from 0 to 65535'],
  },
  {
    name: 'a port too small',
    yaml: 'redirect: {httpsPort: 0}',
    says: ['1: redirect.httpsPort: 0 is too small; write a port from 1 to 65535'],
  },
  {
    name: 'no domain',
    yaml: 'certificates: [{name: a, domains: []}]',
    says: ['1: certificates[0].domains: (a list of 0) has too few entries; write at least 1'],
  },
  {
    name: 'more domains than any CA takes',
    yaml: `certificates: [{name: a, domains: [${Array.from({ length: 101 }, (_, i) => `a${i}.test`).join()}]}]`,
    says: ['1: certificates[0].domains: (a list of 101) has too many entries; write at most 100'],
  },
  {
    name: 'an empty text',
    yaml: 'store: {directory: ""}',
    says: ['1: store.directory: "" is too short; write a path such as /var/lib/port80/state'],
  },
  {
    name: 'a text too long',
    yaml: certificate(`profile: ${'p'.repeat(101)}`),
    says: [
      `4: certificates[0].profile: "${'p'.repeat(77)}…" is longer than 100 characters; write a text of at most 100 characters`,
    ],
  },
  {
    name: 'a path with a line break',
    yaml: 'store: {directory: "a\\nb"}',
    says: [
      '1: store.directory: "a\\nb" does not have the right form; write a path such as /var/lib/port80/state',
    ],
  },
  {
    name: 'a name with capitals',
    yaml: 'certificates: [{name: Book, domains: [a.test]}]',
    says: [`1: certificates[0].name: "Book" does not have the right form; write ${aName}`],
  },
  {
    name: 'an issuer of a wrong name',
    yaml: 'issuers: {My CA: {directory: "https://a.test/"}}',
    says: [`1: issuers["My CA"]: is no right name; write ${aName}`],
  },
  {
    name: 'a wildcard',
    yaml: 'certificates: [{name: a, domains: ["*.a.test"]}]',
    says: [
      '1: certificates[0].domains[0]: "*.a.test" is a wildcard, which HTTP-01 cannot validate; list each name instead',
    ],
  },
  {
    name: 'a duration with a fraction',
    yaml: 'worker: {tick: 1.5h}',
    says: [
      '1: worker.tick: "1.5h" does not have the right form; write a duration (whole number and unit) from 10ms to 1h, such as 30s',
    ],
  },
  {
    name: 'a duration too short',
    yaml: 'worker: {tick: 0s}',
    says: ['1: worker.tick: "0s" is too short; write a duration of at least 10ms'],
  },
  {
    name: 'a duration too long for a timer',
    yaml: 'listeners: {stop: {drain: 25d}}',
    says: ['1: listeners.stop.drain: "25d" is too long; write a duration of at most 1h'],
  },
  {
    name: 'a key type of another spelling',
    yaml: certificate('keyType: rsa2048'),
    says: [
      '4: certificates[0].keyType: "rsa2048" is no choice here; did you mean rsa-2048? Write one of ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096',
    ],
  },
  {
    name: 'a choice that does not exist',
    yaml: 'log: {format: xml}',
    says: ['1: log.format: "xml" is no choice here; write one of json, text'],
  },
  {
    name: 'a status that does not exist',
    yaml: 'redirect: {status: 303}',
    says: ['1: redirect.status: 303 is no right value; write 301, 302 or 308'],
  },
  {
    name: 'an address without its range',
    yaml: 'redirect: {trustForwardedProto: [10.0.0.1]}',
    says: [
      '1: redirect.trustForwardedProto[0]: "10.0.0.1" is no right value; write a network range such as 10.0.0.0/8 or 2001:db8::/32',
    ],
  },
  {
    name: 'an e-mail address that is none',
    yaml: 'issuers: {letsencrypt: {email: ops}}',
    says: [
      '1: issuers.letsencrypt.email: "ops" does not have the right form; write an e-mail address such as ops@example.com',
    ],
  },
  {
    name: 'a directory of another protocol, its password left out',
    yaml: 'issuers: {ca: {directory: "ftp://me:pw@a.test/"}}',
    says: [
      '1: issuers.ca.directory: "ftp://…@a.test/" does not have the right form; write the URL of an ACME directory, such as https://acme.example.com/directory',
    ],
  },
  {
    name: 'an address with a port',
    yaml: 'listeners: {admin: {host: "127.0.0.1:9090"}}',
    says: [
      '1: listeners.admin.host: "127.0.0.1:9090" is no address; write an IP address without brackets or port, such as :: or 127.0.0.1',
    ],
  },
  {
    name: 'a self-check that is neither',
    yaml: 'selfCheck: on',
    says: [
      '1: selfCheck: "on" is no right value; write off, or an object with url (or gateways: true) and timeout',
    ],
  },
  {
    name: 'a self-check without a value',
    yaml: 'selfCheck:',
    says: [
      '1: selfCheck: null stands without a value; write off, or an object with url (or gateways: true) and timeout, or take the key out',
    ],
  },
  {
    name: 'a self-check without the token',
    yaml: 'selfCheck: {url: "http://a.test/"}',
    says: [
      '1: selfCheck.url: "http://a.test/" does not name the token; put {token} where the token of the challenge belongs',
    ],
  },
  {
    name: 'a self-check with another placeholder',
    yaml: 'selfCheck: {url: "http://{host}/{token}"}',
    says: [
      '1: selfCheck.url: "http://{host}/{token}" has an unknown placeholder; write no other than {identifier} and {token}',
    ],
  },
  {
    name: 'a self-check that is no URL',
    yaml: 'selfCheck: {url: "http://a.test:x/{token}"}',
    says: [
      '1: selfCheck.url: "http://a.test:x/{token}" is no URL; write one such as http://{identifier}/.well-known/acme-challenge/{token}',
    ],
  },
  {
    name: 'a self-check with two faults of its own',
    yaml: 'selfCheck: {url: 5, timeout: 1}',
    says: [
      '1: selfCheck.url: 5 is a whole number; write a URL with {identifier} and {token}, such as http://{identifier}/.well-known/acme-challenge/{token}',
      '1: selfCheck.timeout: 1 is a whole number; write a duration (whole number and unit) from 10ms to 10m, such as 10s',
    ],
  },
  {
    name: 'a key that is no key is not shown',
    yaml: 'issuers: {ca: {directory: "https://a.test/", externalAccount: {keyId: k, hmacKey: "no key!"}}}',
    says: [
      '1: issuers.ca.externalAccount.hmacKey: (hidden) does not have the right form; write the HMAC key in base64url, as the CA gave it',
    ],
  },
  {
    name: 'a key at the place of its section is not shown',
    yaml: 'issuers: {ca: {directory: "https://a.test/", externalAccount: s3cret}}',
    says: [
      '1: issuers.ca.externalAccount: (hidden) is text; write an object with keyId, hmacKey, hmacKeyFile',
    ],
  },
]
checkFaultRows(t, values)
