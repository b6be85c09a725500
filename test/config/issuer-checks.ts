import t from 'tap'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'

const issuers: FaultRow[] = [
  {
    name: 'an issuer without a directory',
    yaml: 'issuers:\n  ca: {}\n',
    says: [
      '2: issuers.ca.directory: is required; write the URL of the ACME directory (only letsencrypt-staging and letsencrypt are known without)',
    ],
  },
  { name: 'a known issuer without a directory', yaml: 'issuers: {letsencrypt: {email: a@b.test}}', says: [] },
  {
    name: 'a known issuer with its own directory',
    yaml: 'issuers: {letsencrypt: {directory: "https://acme-v02.api.letsencrypt.org/directory"}}',
    says: [],
  },
  {
    name: 'a known issuer with the directory of another',
    yaml: 'issuers: {letsencrypt: {directory: "https://a.test/"}}',
    says: [
      '1: issuers.letsencrypt.directory: "https://a.test/" is not the directory of letsencrypt; take it out, or give the other CA a name of its own',
    ],
  },
  {
    name: 'a password in a directory',
    yaml: 'issuers: {ca: {directory: "https://me:pw@a.test/"}}',
    says: [
      '1: issuers.ca.directory: "https://…@a.test/" has a user or password in it; write the URL without',
    ],
  },
  {
    name: 'http to another machine',
    yaml: 'issuers: {ca: {directory: "http://ca.test/"}}',
    says: ['1: issuers.ca.directory: "http://ca.test/" is http to another machine; write an https URL'],
  },
  {
    name: 'http to an address of another machine',
    yaml: 'issuers: {ca: {directory: "http://[2001:db8::1]/"}}',
    says: ['1: issuers.ca.directory: "http://[2001:db8::1]/" is http to another machine; write an https URL'],
  },
  {
    name: 'http to a name that looks like an address of this machine',
    yaml: 'issuers: {ca: {directory: "http://127.a.test/"}}',
    says: ['1: issuers.ca.directory: "http://127.a.test/" is http to another machine; write an https URL'],
  },
  { name: 'http to localhost', yaml: 'issuers: {ca: {directory: "http://localhost:14000/dir"}}', says: [] },
  {
    name: 'http to a name below localhost',
    yaml: 'issuers: {ca: {directory: "http://ca.localhost:14000/dir"}}',
    says: [],
  },
  { name: 'http to 127.0.0.1', yaml: 'issuers: {ca: {directory: "http://127.0.0.1:14000/dir"}}', says: [] },
  { name: 'http to ::1', yaml: 'issuers: {ca: {directory: "http://[::1]:14000/dir"}}', says: [] },
]
checkFaultRows(t, issuers)

const ca = (limits: string) =>
  `issuers:\n  ca:\n    directory: https://a.test/\n    limits:\n      ${limits}\n`
const limits: FaultRow[] = [
  { name: 'limits off', yaml: 'issuers: {letsencrypt: {limits: off}}', says: [] },
  {
    name: 'limits of a known CA, one of them other',
    yaml: 'issuers: {letsencrypt: {limits: {newOrders: {limit: 10, window: 1h}}}}',
    says: [],
  },
  {
    name: 'nothing but the reserve, of a known CA',
    yaml: 'issuers: {letsencrypt: {limits: {reserve: 20}}}',
    says: [],
  },
  { name: 'a bucket of an unknown CA', yaml: ca('newOrders: {limit: 2, window: 90s}'), says: [] },
  {
    name: 'nothing but the reserve, of an unknown CA',
    yaml: ca('reserve: 20'),
    says: [
      '4: issuers.ca.limits: (an object) counts nothing, because the limits of this CA are not known; write a bucket such as newOrders, or limits: off',
    ],
  },
  {
    name: 'every bucket of an unknown CA is off',
    yaml: ca('newOrders: off'),
    says: [
      '4: issuers.ca.limits: (an object) counts nothing, because the limits of this CA are not known; write a bucket such as newOrders, or limits: off',
    ],
  },
  {
    name: 'a bucket that is none',
    yaml: ca('newOrder: {limit: 2, window: 1h}\n      newOrders: {limit: 2, window: 1h}'),
    says: ['5: issuers.ca.limits.newOrder: is no setting; did you mean newOrders? Write that instead'],
  },
  {
    name: 'a bucket without a window',
    yaml: ca('newOrders: {limit: 2}'),
    says: [
      '5: issuers.ca.limits.newOrders.window: is required; write a duration (whole number and unit) from 1s to 365d, such as 7d',
    ],
  },
  {
    name: 'a bucket that holds nothing',
    yaml: ca('newOrders: {limit: 0, window: 1h}'),
    says: ['5: issuers.ca.limits.newOrders.limit: 0 is too small; write a whole number of at least 1'],
  },
  {
    name: 'a bucket that is a number',
    yaml: ca('newOrders: 300'),
    says: [
      '5: issuers.ca.limits.newOrders: 300 is no right value; write off, or an object with limit and window',
    ],
  },
  {
    name: 'a reserve that leaves nothing',
    yaml: ca('newOrders: {limit: 2, window: 1h}\n      reserve: 100'),
    says: ['6: issuers.ca.limits.reserve: 100 is too large; write a whole number from 0 to 90'],
  },
  {
    name: 'limits that are a word',
    yaml: 'issuers: {letsencrypt: {limits: none}}',
    says: [
      '1: issuers.letsencrypt.limits: "none" is no right value; write off, or an object with buckets and reserve',
    ],
  },
]
checkFaultRows(t, limits)
