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
