import t from 'tap'
import type { InstalledView } from '../../src/certificate/install.ts'
import type { CertificateWorld } from '../../src/certificate/plan.ts'
import type { CertificateState } from '../../src/status/snapshot.ts'
import {
  certificate,
  day,
  installed,
  leaf,
  now,
  record,
  storedPair,
  unissued,
} from '../certificate/fixtures/builders.ts'
import { only } from './fixtures/built.ts'

const older = leaf({ fingerprint: 'dd'.repeat(32), notAfter: now + day })
const standIn = installed({ leaf: leaf({ placeholder: true, fingerprint: 'bb'.repeat(32) }) })
const absent: InstalledView = { destination: '/certificates', state: 'absent' }
const storedAs = (differs: Parameters<typeof leaf>[0]) => ({ pair: storedPair(), leaf: leaf(differs) })

t.test('the state of a certificate', async (t) => {
  const rows: readonly { name: string; certificate: CertificateWorld; state: CertificateState }[] = [
    { name: 'stored and installed', certificate: certificate(), state: 'ready' },
    {
      name: 'stored, and there is no destination',
      certificate: certificate({ installed: [] }),
      state: 'ready',
    },
    {
      name: 'the one before is still installed',
      certificate: certificate({ installed: [installed({ leaf: older })] }),
      state: 'ready',
    },
    {
      name: 'the one before is installed and has expired',
      certificate: certificate({ installed: [installed({ leaf: { ...older, notAfter: now } })] }),
      state: 'missing',
    },
    { name: 'stored, not installed', certificate: certificate({ installed: [absent] }), state: 'missing' },
    {
      name: 'installed in one of two places',
      certificate: certificate({ installed: [installed(), absent] }),
      state: 'missing',
    },
    {
      name: 'what is installed does not parse',
      certificate: certificate({ installed: [installed({ leaf: undefined })] }),
      state: 'missing',
    },
    {
      name: 'nobody can tell what is installed',
      certificate: certificate({ installed: [{ destination: '/d', state: 'unreadable', fault: 'EACCES' }] }),
      state: 'missing',
    },
    { name: 'expired', certificate: certificate({ stored: storedAs({ notAfter: now }) }), state: 'expired' },
    {
      name: 'revoked',
      certificate: certificate({ stored: { pair: storedPair({ revokedAt: now }), leaf: leaf() } }),
      state: 'missing',
    },
    {
      name: 'key and certificate do not belong together',
      certificate: certificate({ stored: storedAs({ keyMatches: false }) }),
      state: 'missing',
    },
    {
      name: 'the stored pair does not parse',
      certificate: certificate({ stored: { pair: storedPair(), leaf: undefined } }),
      state: 'missing',
    },
    { name: 'the placeholder is installed', certificate: unissued(), state: 'placeholder' },
    {
      name: 'the placeholder is stored, not installed',
      certificate: unissued({ installed: [absent] }),
      state: 'missing',
    },
    {
      name: 'stored, and the placeholder is still installed',
      certificate: certificate({
        installed: [standIn],
        record: record({ placeholder: { chainPem: 'c', keyPem: 'k' } }),
      }),
      state: 'placeholder',
    },
    {
      name: 'nothing at all',
      certificate: unissued({ record: record(), installed: [absent] }),
      state: 'missing',
    },
  ]
  for (const { name, certificate, state } of rows) {
    t.test(name, async (t) => t.equal(only(certificate).state, state))
  }
})

t.test('the state of a destination', async (t) => {
  const rows = [
    { name: 'the stored pair', view: installed(), state: 'installed' },
    { name: 'the placeholder', view: standIn, state: 'placeholder' },
    { name: 'another pair', view: installed({ leaf: older }), state: 'differs' },
    {
      name: 'its certificate beside another key',
      view: installed({ leaf: leaf({ keyMatches: false }) }),
      state: 'differs',
    },
    { name: 'what does not parse', view: installed({ leaf: undefined }), state: 'differs' },
    { name: 'nothing', view: absent, state: 'absent' },
    {
      name: 'something foreign',
      view: { destination: '/d', state: 'foreign', fault: 'is a folder' } as const,
      state: 'foreign',
    },
    {
      name: 'nobody can tell',
      view: { destination: '/d', state: 'unreadable', fault: 'EACCES' } as const,
      state: 'unreadable',
    },
  ]
  for (const { name, view, state } of rows) {
    t.test(name, async (t) => {
      const { destination: id } = view
      const fault = 'fault' in view && view.fault !== undefined ? { fault: view.fault } : {}
      t.same(only(certificate({ installed: [view] })).destinations, [{ id, state, ...fault }])
    })
  }
})
