/** etcd, one member, for one kube-apiserver. Its data goes with the folder; nothing is synced to the disk. */
import { join } from 'node:path'
import { accepts, startChild, type Child } from './child.ts'
import { installed } from './install.ts'
import { loopback, placed, type Place } from './place.ts'
import { freePort } from './ports.ts'

export interface Etcd extends Child {
  readonly url: string
  /** Forgets every version before the present one, as a cluster does every five minutes. */
  compact(): Promise<void>
}

export async function startEtcd(directory: string, place: Place = loopback): Promise<Etcd> {
  const port = await freePort()
  const url = `http://${place.host}:${port}`
  const peerUrl = `http://${place.host}:${await freePort()}`
  const child = await startChild({
    name: 'etcd',
    directory,
    ...placed(place, (await installed('etcd')).path, [
      ...['--name', 'bench', '--data-dir', join(directory, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', url, '--advertise-client-urls', url],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `bench=${peerUrl}`, '--log-level', 'warn'],
      // As kubeadm sets it: without it the API server has no bookmark to send while nothing of a kind is written.
      '--watch-progress-notify-interval=5s',
    ]),
    timeoutMs: 60_000,
    ready: async () => (await accepts(port, place.host)) && (await fetch(`${url}/health`)).ok,
  })
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`etcd ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as { header?: { revision?: string } }
  }
  return {
    ...child,
    url,
    async compact() {
      const revision = (await ask('/v3/kv/range', { key: 'AA==' })).header?.revision
      await ask('/v3/kv/compaction', { revision, physical: true })
    },
  }
}
