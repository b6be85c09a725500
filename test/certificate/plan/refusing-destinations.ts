/** Destinations that hold what is not ours: nothing is spent at a CA on a certificate that nobody could have. */
import type { InstalledView } from '../../../src/certificate/install.ts'
import { day, hour, inFlight, now, record, request, unissued, certificate } from '../fixtures/builders.ts'
import {
  ari,
  drop,
  due,
  holds,
  install,
  order,
  placeholder,
  planRows,
  renewing,
  rest,
} from '../fixtures/plan-rows.ts'
import { storedPair } from '../fixtures/builders.ts'

const refusing: InstalledView = {
  destination: '/certificates',
  state: 'foreign',
  fault: 'is managed by flux',
}
const refused = (differs: object = {}) =>
  rest('DestinationsRefused', { detail: '/certificates: is managed by flux', ...differs })
const silent: InstalledView = { destination: '/other', state: 'unreadable', fault: 'has not answered yet' }
const both = '/certificates: is managed by flux; /other: holds something that is not ours'
const because = 'every destination refuses the certificate: /certificates: is managed by flux'

planRows('every destination refuses', [
  {
    name: 'nothing is ordered, and there is no moment: they are looked at again at every tick',
    certificate: unissued({ installed: [refusing] }),
    steps: [refused({ due: 'Placeholder' })],
  },
  {
    name: 'the stand-in is made all the same: it waits as well',
    certificate: unissued({ record: record(), installed: [refusing] }),
    steps: [placeholder, refused({ due: 'Missing' })],
  },
  {
    name: 'nothing is renewed',
    certificate: renewing({ installed: [refusing] }),
    steps: [refused({ due: 'RenewalTime' })],
  },
  {
    name: 'and the CA is not asked when to renew',
    certificate: certificate({ desired: ari, installed: [refusing] }),
    steps: [refused()],
  },
  {
    name: 'an order in flight waits',
    certificate: unissued({ record: record({ inFlight: inFlight() }), installed: [refusing] }),
    steps: [placeholder, refused({ due: inFlight().why })],
  },
  {
    name: 'it comes before what an earlier failure and the CA say',
    certificate: renewing({
      record: record({ failures: 1, failedFor: 'configuration-1', notBefore: now + day }),
      installed: [refusing],
    }),
    world: holds({ until: now + hour }),
    steps: [refused({ due: 'RenewalTime' })],
  },
  {
    name: 'a wish to issue is dropped: it is ordered without one as soon as it can be',
    certificate: unissued({ installed: [refusing], request: request() }),
    steps: [drop(because), refused({ due: 'Placeholder' })],
  },
  {
    name: 'a wish to renew is dropped',
    certificate: certificate({ installed: [refusing], request: request({ do: 'renew' }) }),
    steps: [drop(because), refused({ due: 'RenewalRequested' })],
  },
  {
    name: 'a wish to revoke is not: what was issued must end all the same',
    certificate: certificate({ installed: [refusing], request: request({ do: 'revoke' }) }),
    steps: [{ do: 'revoke', certificate: 'book', revocationReason: 0 }],
  },
  {
    name: 'several of them, with the words of each',
    certificate: unissued({ installed: [refusing, { destination: '/other', state: 'foreign' }] }),
    steps: [refused({ due: 'Placeholder', detail: both })],
  },
])

planRows('not every destination refuses', [
  {
    name: 'one may be written',
    certificate: renewing({
      installed: [refusing, { destination: '/certificates', state: 'present', leaf: due }],
    }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'one cannot be looked at: it may well take what is ordered',
    certificate: unissued({ installed: [refusing, silent] }),
    steps: [order('Placeholder')],
  },
  {
    name: 'it has consented: what is stored is installed at once',
    certificate: certificate({
      stored: { pair: storedPair(), leaf: due },
      installed: [{ destination: '/certificates', state: 'absent' }],
    }),
    steps: [install('pair'), order('RenewalTime')],
  },
])
