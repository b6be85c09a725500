import t from 'tap'
import { countingOf } from '../../src/certificate/counting.ts'
import type { CertificateWorld } from '../../src/certificate/plan.ts'
import { ari, withInfo } from './fixtures/plan-rows.ts'
import {
  certificate,
  desired,
  directories,
  leaf,
  now,
  record,
  storedPair,
  unissued,
} from './fixtures/builders.ts'

const stored = (pair: Parameters<typeof storedPair>[0], names = ['book.example.com']) => ({
  stored: { pair: storedPair(pair), leaf: leaf({ names }) },
})

const rows: { name: string; certificate: CertificateWorld; issuer?: string; counts: [string, string] }[] = [
  { name: 'nothing there before', certificate: unissued(), counts: ['first', 'first'] },
  { name: 'the same names', certificate: certificate(), counts: ['renewal', 'renewal'] },
  { name: 'the CA has told its window', certificate: withInfo(), counts: ['replaces', 'renewal'] },
  {
    name: 'it was asked, and has told none',
    certificate: {
      ...withInfo(),
      record: record({ renewalInfo: { certId: 'a.b', checkedAt: now, askAgainAt: now } }),
    },
    counts: ['renewal', 'renewal'],
  },
  {
    name: 'the operator does not want to ask',
    certificate: { ...withInfo(), desired: desired() },
    counts: ['renewal', 'renewal'],
  },
  {
    name: 'other names, one of them as before',
    certificate: { ...withInfo(), desired: { ...ari, domains: ['BOOK.example.com', 'x.example.com'] } },
    counts: ['replaces', 'changed'],
  },
  {
    name: 'all names are others',
    certificate: { ...withInfo(), desired: { ...ari, domains: ['x.example.com'] } },
    counts: ['changed', 'changed'],
  },
  {
    name: 'issued by another CA',
    certificate: { ...withInfo(), ...stored({ issuer: 'other', directory: directories.other }) },
    counts: ['changed', 'changed'],
  },
  { name: 'asked of the other CA', certificate: withInfo(), issuer: 'other', counts: ['changed', 'changed'] },
  {
    name: 'the issuer points to another CA now',
    certificate: { ...withInfo(), ...stored({ directory: 'https://before.example/' }) },
    counts: ['changed', 'changed'],
  },
  {
    name: 'revoked: `replaces` is not sent',
    certificate: { ...withInfo(), ...stored({ revokedAt: now }) },
    counts: ['renewal', 'renewal'],
  },
  {
    name: 'a pair that does not parse',
    certificate: { ...withInfo(), stored: { pair: storedPair(), leaf: undefined } },
    counts: ['first', 'first'],
  },
]

for (const { name, certificate, issuer = 'main', counts } of rows) {
  t.test(name, async (t) => {
    const { replacing, plain } = countingOf(certificate, issuer)
    t.same([replacing, plain], counts)
  })
}
