/** The way from the gateway to port80. */
import { destinationRule } from '../fixtures/objects.ts'
import type { BrokenRow, Place } from '../fixtures/row.ts'

export const responderRows: readonly BrokenRow[] = [
  {
    ...{ name: 'mTLS by DestinationRule to a responder without sidecar', id: 'mtls', inYaml: true },
    lint: { code: 'P80-113', object: ({ release, name }) => `DestinationRule ${release}/${name}` },
    reach: 'P80-301',
    breakIt: (at) =>
      at.apply(
        destinationRule(at.name, at.release, {
          host: `*.${at.release}.svc.cluster.local`,
          trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
        }),
      ),
  },
  {
    ...{ name: 'the Service of port80 is exported to its namespace only', id: 'hidden', inYaml: true },
    lint: { code: 'P80-110', object: ({ release }) => `Service ${release}/port80` },
    reach: 'P80-301',
    breakIt: async ({ release, kubectl }) => {
      await kubectl(
        ...['annotate', 'service', 'port80', 'networking.istio.io/exportTo=.', '--overwrite'],
        ...['--namespace', release],
      )
    },
    undo: async ({ release, kubectl }) => {
      await kubectl(
        ...['annotate', 'service', 'port80', 'networking.istio.io/exportTo-'],
        '--namespace',
        release,
      )
    },
  },
  {
    ...{ name: 'the Service of port80 is said to speak HTTP/2', id: 'h2c', inYaml: true, discovered: true },
    lint: { code: 'P80-109', object: ({ release }) => `Service ${release}/port80` },
    reach: 'P80-301',
    breakIt: (at) => appProtocol(at, 'kubernetes.io/h2c'),
    undo: (at) => appProtocol(at, 'http'),
  },
]

async function appProtocol({ release, kubectl }: Place, value: string): Promise<void> {
  const patch = JSON.stringify([{ op: 'replace', path: '/spec/ports/0/appProtocol', value }])
  await kubectl('patch', 'service', 'port80', '--namespace', release, '--type', 'json', '--patch', patch)
}
