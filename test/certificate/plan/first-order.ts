import { certificate, installed, leaf, record, request, unissued } from '../fixtures/builders.ts'
import {
  bare,
  renewing,
  placeholder,
  install,
  order,
  rest,
  renewsAt,
  planRows,
} from '../fixtures/plan-rows.ts'

planRows('what is there, and what is done', [
  {
    name: 'nothing is there: a placeholder, and an order',
    certificate: bare(),
    steps: [placeholder, install('placeholder'), order('Missing')],
  },
  {
    name: 'the placeholder is stored but not installed',
    certificate: bare({ record: record({ placeholder: { chainPem: 'c', keyPem: 'k' } }) }),
    steps: [install('placeholder'), order('Placeholder')],
  },
  {
    name: 'other names are wanted than the placeholder has: a new one',
    certificate: unissued({
      placeholder: leaf({ placeholder: true, fingerprint: 'bb'.repeat(32), names: ['old.example.com'] }),
    }),
    steps: [placeholder, order('Placeholder')],
  },
  {
    name: 'another placeholder is stored than the one that is installed',
    certificate: unissued({ placeholder: leaf({ placeholder: true, fingerprint: 'cc'.repeat(32) }) }),
    steps: [install('placeholder'), order('Placeholder')],
  },
  { name: 'the placeholder is installed', certificate: unissued(), steps: [order('Placeholder')] },
  {
    name: 'nothing is stored, and a valid pair of somebody is installed: it stays until ours is there',
    certificate: bare({ installed: [installed()] }),
    steps: [placeholder, order('Missing')],
  },
  {
    name: 'a pair is stored and not installed',
    certificate: certificate({ installed: [{ destination: '/certificates', state: 'absent' }] }),
    steps: [install('pair'), rest('UpToDate', { until: renewsAt })],
  },
  {
    name: 'a pair is installed and not due',
    certificate: certificate(),
    steps: [rest('UpToDate', { until: renewsAt })],
  },
  { name: 'a pair is due', certificate: renewing(), steps: [order('RenewalTime')] },
  {
    name: 'an act is running: nothing else is begun, whatever is due',
    certificate: bare({ running: true, request: request() }),
    steps: [rest('OrderInFlight')],
  },
])
