import t from 'tap'
import type { CertificateWorld } from '../../src/certificate/plan.ts'
import { resumable } from '../../src/certificate/turn.ts'
import type { InFlightRecord } from '../../src/state/records.ts'
import { desired, directories, inFlight, record } from './fixtures/builders.ts'

const two = desired({ fallbackIssuer: 'other' })
const atOther = { issuer: 'other', directory: directories.other }

t.test('an order in flight is gone on with as long as it is what is wanted', async (t) => {
  const rows: readonly {
    name: string
    order: Partial<InFlightRecord>
    desired?: CertificateWorld['desired']
    goesOn: boolean
  }[] = [
    { name: 'nothing changed', order: {}, goesOn: true },
    { name: 'at the fallback', order: atOther, goesOn: true },
    { name: 'at what was the fallback', order: atOther, desired: desired(), goesOn: false },
    { name: 'the issuer points elsewhere', order: { directory: 'https://old.example/' }, goesOn: false },
    { name: 'another key type', order: { keyType: 'rsa-2048' }, goesOn: false },
    { name: 'a profile that is wanted no more', order: { profile: 'shortlived' }, goesOn: false },
    {
      name: 'without the profile that is wanted',
      order: {},
      desired: desired({ profiles: { main: 'shortlived' } }),
      goesOn: false,
    },
    {
      name: 'with the profile that is wanted',
      order: { profile: 'shortlived' },
      desired: desired({ profiles: { main: 'shortlived' } }),
      goesOn: true,
    },
    { name: 'a name more', order: { domains: ['book.example.com', 'www.example.com'] }, goesOn: false },
    { name: 'another name', order: { domains: ['www.example.com'] }, goesOn: false },
    {
      name: 'the same names in another order',
      order: { domains: ['a.example.com', 'b.example.com'] },
      desired: desired({ domains: ['b.example.com', 'a.example.com'] }),
      goesOn: true,
    },
  ]
  for (const { name, order, desired: wanted, goesOn } of rows) {
    t.test(name, async (t) => {
      const known = record({ inFlight: inFlight(order) })
      t.equal(resumable({ desired: wanted ?? two, record: known }), goesOn ? known.inFlight : undefined)
    })
  }
  t.equal(resumable({ desired: two, record: record() }), undefined, 'and none is none')
})
