/** Istio's image of sidecars: the agent and stock Envoy of this machine, with the template that Envoy is started with. */
import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { installed } from '../../peers/install.ts'
import type { Image } from './images.ts'

/** `slowMs`: the proxy (not what redirects the traffic to it) begins that much later. */
export async function proxyImage({ slowMs = 0 }: { readonly slowMs?: number } = {}): Promise<Image> {
  const [agent, envoy, istio] = await Promise.all(
    (['pilot-agent', 'envoy', 'istio-module'] as const).map(async (name) => (await installed(name)).path),
  )
  const templates = join(istio ?? '', 'tools/packaging/common')
  const folders = [dirname(agent ?? ''), dirname(envoy ?? ''), templates]
  // The cache has them for their owner alone, and the proxy has a user of its own.
  for (const folder of folders.slice(0, 2)) chmodSync(folder, 0o755)
  const late = `[ "$1" = proxy ] && sleep ${slowMs / 1000}; exec pilot-agent "$@"`
  return {
    entrypoint: slowMs === 0 ? ['pilot-agent'] : ['sh', '-c', late, 'pilot-agent'],
    env: {
      // The chart's hooks call the agent by its name.
      PATH: `${dirname(agent ?? '')}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      ISTIO_BOOTSTRAP: join(templates, 'envoy_bootstrap.json'),
    },
    folders,
  }
}
