import t from 'tap'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'
import { configSchema } from '../../src/config/schema.ts'

/** Every section, in the order of the schema. */
const sections = Object.keys(configSchema.shape).join(', ')

const aName = 'a name of lower-case letters, digits and hyphens, at most 63, such as book'
const certificate = (more: string) => `certificates:\n  - name: a\n    domains: [a.test]\n    ${more}\n`

const unknown: FaultRow[] = [
  {
    name: 'a misspelled section',
    yaml: 'isuers: {}',
    says: ['1: isuers: is no setting; did you mean issuers? Write that instead'],
  },
  {
    name: 'a misspelled setting',
    yaml: 'listeners:\n  public:\n    prot: 80\n',
    says: ['3: listeners.public.prot: is no setting; did you mean port? Write that instead'],
  },
  {
    name: 'a misspelled setting inside a union',
    yaml: 'selfCheck: {timeot: 5s}',
    says: ['1: selfCheck.timeot: is no setting; did you mean timeout? Write that instead'],
  },
  {
    name: 'a setting at the wrong place',
    yaml: 'email: a@b.test',
    says: ['1: email: is no setting here; move it to issuers.<name>.email'],
  },
  {
    name: 'a setting that could belong to several places',
    yaml: 'log: {port: 1}',
    says: ['1: log.port: is no setting here; take it out (known: level, format)'],
  },
  {
    name: 'a misspelled secret is not shown',
    yaml: 'issuers: {ca: {directory: "https://a.test/", externalAccount: {keyId: k, hmacKeyFile: /dev/null, hmacKye: s3cret}}}',
    says: ['1: issuers.ca.externalAccount.hmacKye: is no setting; did you mean hmacKey? Write that instead'],
  },
]
checkFaultRows(t, unknown)

const types: FaultRow[] = [
  {
    name: 'a file that is text',
    yaml: 'hello',
    says: [`(hidden) is text; write an object with ${sections}`],
  },
  {
    name: 'a file that is a list',
    yaml: '- a',
    says: [`(a list of 1) is of the wrong kind; write an object with ${sections}`],
  },
  {
    name: 'a section without a value',
    yaml: 'certificates:\n',
    says: [
      '1: certificates: null stands without a value; write a list in which each entry is an object with name, domains, issuer, fallbackIssuer, keyType, reuseKey, profile, renewal, redirect, destinations, or take the key out',
    ],
  },
  {
    name: 'a list entry without a value',
    yaml: 'certificates:\n  - name: a\n    domains:\n      -\n',
    says: [
      '4: certificates[0].domains[0]: null stands without a value; write a DNS name such as book.example.com, or an IP address',
    ],
  },
  {
    name: 'an object in place of a list',
    yaml: 'certificates: {a: {}}',
    says: [
      '1: certificates: (an object) is of the wrong kind; write a list in which each entry is an object with name, domains, issuer, fallbackIssuer, keyType, reuseKey, profile, renewal, redirect, destinations',
    ],
  },
  {
    name: 'a number in quotes',
    yaml: 'listeners: {public: {port: "8080"}}',
    says: ['1: listeners.public.port: "8080" is text; write the number without quotes'],
  },
  {
    name: 'a number without quotes where text is wanted',
    yaml: 'certificates: [{name: 123, domains: [a.test]}]',
    says: ['1: certificates[0].name: 123 is a whole number; put it in quotes'],
  },
  {
    name: 'a number where a duration is wanted',
    yaml: 'redirect: {maxAge: 5}',
    says: [
      '1: redirect.maxAge: 5 is a whole number; write a duration (whole number and unit) from 0s to 365d, such as 1h',
    ],
  },
  {
    name: 'yes where true is wanted',
    yaml: certificate('reuseKey: yes'),
    says: ['4: certificates[0].reuseKey: "yes" is text; write true or false'],
  },
  {
    name: 'a fraction where a whole number is wanted',
    yaml: 'worker: {parallelOrders: 1.5}',
    says: ['1: worker.parallelOrders: 1.5 is a number; write a whole number from 1 to 100'],
  },
  {
    name: 'an endless number',
    yaml: 'worker: {parallelOrders: .inf}',
    says: ['1: worker.parallelOrders: Infinity is a number; write a whole number from 1 to 100'],
  },
]
checkFaultRows(t, types)

const required: FaultRow[] = [
  {
    name: 'a certificate of nothing',
    yaml: 'certificates: [{}]',
    says: [
      `1: certificates[0].name: is required; write ${aName}`,
      '1: certificates[0].domains: is required; write a list in which each entry is a DNS name such as book.example.com, or an IP address',
    ],
  },
  {
    name: 'a destination of nothing',
    yaml: 'destinations: [{}]',
    says: [
      '1: destinations[0]: (an object) does not have exactly one of directory and secret; write one of the two',
    ],
  },
  {
    name: 'an external account without a key',
    yaml: 'issuers: {ca: {directory: "https://a.test/", externalAccount: {}}}',
    says: [
      '1: issuers.ca.externalAccount.keyId: is required; write the key identifier that the CA gave you',
      '1: issuers.ca.externalAccount: (an object) does not have exactly one of hmacKey and hmacKeyFile; write one of the two',
    ],
  },
]
checkFaultRows(t, required)
