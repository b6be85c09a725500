/** The limits of a CA in the values: `off` is false by the time that Helm has it, and is still off in port80.yaml. */
import t from 'tap'
import { parse } from 'yaml'
import { render } from './fixtures/helm.ts'

const orders = { limit: 20, window: '1h' }
const rows: readonly { name: string; limits: unknown; written: unknown }[] = [
  { name: 'off, as YAML 1.1 reads it', limits: false, written: 'off' },
  { name: 'off in quotes', limits: 'off', written: 'off' },
  {
    name: 'a bucket off, as YAML 1.1 reads it',
    limits: { newOrders: orders, certificatesPerDomain: false, reserve: 20 },
    written: { newOrders: orders, certificatesPerDomain: 'off', reserve: 20 },
  },
]

for (const { name, limits, written } of rows)
  t.test(name, async (t) => {
    const { manifests } = await render({ issuers: { letsencrypt: { limits } } })
    const worker = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'port80-worker',
    )
    const { issuers } = parse(worker?.data?.['port80.yaml'] ?? '') as {
      issuers: { letsencrypt: { limits: unknown } }
    }
    t.strictSame(issuers.letsencrypt.limits, written)
  })
