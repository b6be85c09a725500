/**
 * `npm run bench:up`: the mesh, left running for a person, with the samples of the walk-through behind 443 and everything
 * that `helm install` of the chart needs. Prints how to use it; Ctrl-C takes all of it down.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { installed } from '../peers/install.ts'
import { openBenchRunner } from './fixtures/bench-runner.ts'
import { benchValues, makeCaBundle } from './fixtures/install.ts'
import {
  issuingRoot,
  sampleApps,
  sampleDomains,
  serveSampleApps,
  startSampleApps,
} from './fixtures/sample-apps.ts'
import { openMesh, type OwnMesh } from './mesh.ts'

async function usage(mesh: OwnMesh): Promise<string> {
  const { pebble, gateways, network, directory } = mesh
  const [first] = gateways.pods
  const [kubectl, istioctl, helm] = await Promise.all(
    (['kubectl', 'istioctl', 'helm'] as const).map(async (name) => (await installed(name)).path),
  )
  const pods = gateways.pods.map(({ namespace, name, ip }) => `  ${ip.padEnd(13)} ${namespace}/${name}`)
  const resolve = [80, 443].map((port) => `--resolve hello.example.com:${port}:${first?.ip}`).join(' ')
  const values = join(directory, 'values.yaml')
  writeFileSync(values, stringify({ ...benchValues(mesh), domains: sampleDomains }))
  return `
The mesh is up: ${network.subnet}.0.0/16, Services ${network.services} (translated for pods, not for this machine).

  export KUBECONFIG=${mesh.api().kubeconfig}
  alias kubectl=${kubectl} helm=${helm} istioctl=${istioctl}
  kubectl get pods,services --all-namespaces
  istioctl analyze --all-namespaces

port80 of this checkout, with Pebble as its CA; ${sampleApps.map(({ host }) => host).join(', ')}:

  helm install port80 charts/port80 --namespace port80 --values ${values} --wait
  helm test port80 --namespace port80

Gateway pods (Service ${gateways.namespace}/${gateways.service}, selector ${JSON.stringify(gateways.selector)}):
${pods.join('\n')}
  curl --cacert ${await issuingRoot(mesh)} ${resolve} -iL http://hello.example.com/hello

ACME directory: ${pebble.directoryUrl}, trusted by ${pebble.tls.root}
  The names of the samples are at the gateways for it. Another one:
  curl --data '{"host":"other.example.com.","addresses":["${first?.ip}"]}' ${pebble.resolver.management}/add-a

Logs: ${directory}
Ctrl-C ends it and removes everything.`
}

const began = Date.now()
process.stderr.write('starting …\n')
const mesh = await openMesh({ pebble: { validationSleep: 0 } })
const runner = await openBenchRunner(mesh)
await mesh.pointAtGateways(sampleApps.map(({ host }) => host))
await makeCaBundle(mesh, 'port80')
await serveSampleApps(mesh, await startSampleApps(mesh))
console.log(await usage(mesh))
console.log(`(up in ${((Date.now() - began) / 1000).toFixed(1)} s)`)
const stay = setInterval(() => undefined, 1 << 30)
await new Promise<void>((resolve) => {
  // In place of the handlers that end a test's process at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal)
    process.once(signal, () => resolve())
  }
})
clearInterval(stay)
process.stderr.write('\nending …\n')
await runner.close()
await mesh.close()
