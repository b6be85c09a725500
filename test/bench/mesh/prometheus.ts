/** Prometheus in the network, with the configuration of a test. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChild, type Child } from '../peers/child.ts'
import { installed } from '../peers/install.ts'
import { placed } from '../peers/place.ts'
import type { Network } from './network.ts'
import { peerPlace } from './peer-place.ts'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
}

export interface Target {
  readonly labels: Readonly<Record<string, string>>
  readonly url: string
  readonly health: 'up' | 'down' | 'unknown'
  /** Empty: none. */
  readonly lastError: string
}

export interface Prometheus extends Child {
  readonly url: string
  /** The value of each series that an instant query (PromQL) finds now. */
  query(expression: string): Promise<Sample[]>
  /** What is pending or firing now. */
  alerts(): Promise<Alert[]>
  /** What it scrapes. */
  targets(): Promise<Target[]>
}

/**
 * `config` is what prometheus.yml holds; to find pods by `kubernetes_sd_configs` name the mesh's `kubeconfig_file`. Starts
 * in a namespace `prometheus` of the network; ends with the network at the latest.
 */
export async function startPrometheus(
  { network, directory }: { readonly network: Network; readonly directory: string },
  config: object,
): Promise<Prometheus> {
  const place = await peerPlace(network, { name: 'prometheus', directory })
  const file = join(place.directory, 'prometheus.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config, undefined, 2))
  const url = `http://${place.host}:9090`
  const child = await startChild({
    name: 'prometheus',
    directory: place.directory,
    ...placed(place, (await installed('prometheus')).path, [
      ...[`--config.file=${file}`, `--storage.tsdb.path=${join(place.directory, 'data')}`],
      ...[`--web.listen-address=${place.host}:9090`, '--web.enable-lifecycle'],
    ]),
    timeoutMs: 60_000,
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
  })
  const ask = async <T>(path: string) => {
    const answer = await fetch(`${url}/api/v1/${path}`)
    const told = (await answer.json()) as { status: string; error?: string; data: T }
    if (told.status !== 'success') throw new Error(`prometheus ${path}: ${told.error ?? answer.status}`)
    return told.data
  }
  return {
    ...{ ...child, url },
    async query(expression) {
      type Found = { result: { metric: Record<string, string>; value: [number, string] }[] }
      const { result } = await ask<Found>(`query?query=${encodeURIComponent(expression)}`)
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    alerts: async () => (await ask<{ alerts: Alert[] }>('alerts')).alerts,
    async targets() {
      type Active = Pick<Target, 'labels' | 'health' | 'lastError'> & { scrapeUrl: string }
      const { activeTargets } = await ask<{ activeTargets: Active[] }>('targets?state=active')
      return activeTargets.map(({ scrapeUrl, ...rest }) => ({ ...rest, url: scrapeUrl }))
    },
    async stop(signal, graceMs) {
      await child.stop(signal, graceMs)
      await place.pod.remove()
    },
  }
}
