import t from 'tap'
import { servingFindings } from '../../src/serving/findings.ts'
import type { PodLook } from '../../src/serving/verdict.ts'

const [book, shop] = ['book.example.com', 'shop.example.com']
const look = (pod: string, host: string, rest: Partial<PodLook>): PodLook => ({
  ...{ pod: `edge/${pod}`, host },
  ...rest,
})

interface Row {
  readonly name: string
  readonly destination?: string
  readonly looks: readonly PodLook[]
  readonly told: readonly string[]
}

const rows: readonly Row[] = [
  {
    name: 'a pod that speaks no TLS for the host: nothing is served',
    looks: [look('a', book, { fault: 'no handshake' })],
    told: [`P80-404 ${book} edge/a ends the TLS handshake`],
  },
  {
    name: 'closed ports of pods: not known, once for all hosts',
    looks: [look('a', book, { fault: 'refused' }), look('a', shop, { fault: 'refused' })],
    told: [`P80-405 ${book} edge/a refuses connections on port 8443: what it serves is not known`],
  },
  {
    name: 'silence: not known either',
    looks: [look('a', book, { fault: 'silent' }), look('b', book, { fault: 'refused' })],
    told: [`P80-405 ${book} edge/a, edge/b cannot be reached on port 8443: what it serves is not known`],
  },
  {
    name: 'a sidecar that may have ended it: not known, and the sidecar is named',
    looks: [look('a', book, { fault: 'ended on the way' }), look('b', shop, { fault: 'silent' })],
    told: [
      `P80-405 ${book} the connection to edge/a on port 8443 goes through a sidecar, and it or the gateway ended it: what it serves is not known`,
    ],
  },
  {
    name: 'the same on the way to an address that was written',
    destination: '/srv/certificates',
    looks: [look('a', book, { fault: 'ended on the way' })],
    told: [
      `P80-405 ${book} the connection to edge/a on port 8443 goes through a sidecar, and it or the gateway ended it: what it serves is not known`,
    ],
  },
  {
    name: 'an address that was written refuses: nothing is served',
    destination: '/srv/certificates',
    looks: [look('a', book, { fault: 'refused' })],
    told: [`P80-404 ${book} edge/a refuses the connection`],
  },
  {
    name: 'what one pod serves is told beside what is not known of another',
    looks: [look('a', book, { serial: '0B' }), look('b', book, { fault: 'silent' })],
    told: [
      `P80-401 ${book} edge/a serves serial 0B, stored is 0A`,
      `P80-405 ${book} edge/b cannot be reached on port 8443: what it serves is not known`,
    ],
  },
]

for (const { name, destination = 'Secret edge/book', looks, told } of rows) {
  t.test(name, async (t) => {
    const found = servingFindings({ destination, held: '0A', looks, port: 8_443 }, 'differs')
    t.strictSame(
      found.map(({ code, host, seen }) => `${code} ${host} ${seen}`),
      told,
    )
    t.strictSame(servingFindings({ destination, held: '0A', looks, port: 8_443 }, 'waiting'), [])
  })
}
