/**
 * `npm run bench:up`: the mesh, left running for a person. Prints how to use it; Ctrl-C takes all of it down.
 */
import { installed } from '../peers/install.ts'
import { openMesh, type OwnMesh } from './mesh.ts'

async function usage(mesh: OwnMesh): Promise<string> {
  const { pebble, gateways, network } = mesh
  const [first] = gateways.pods
  const { path: istioctl } = await installed('istioctl')
  const { path: helm } = await installed('helm')
  const pods = gateways.pods.map(({ namespace, name, ip }) => `  ${ip.padEnd(13)} ${namespace}/${name}`)
  return `
The mesh is up: ${network.subnet}.0.0/16, Services ${network.services} (nothing translates their addresses).

  export KUBECONFIG=${mesh.api().kubeconfig}
  kubectl get pods,services --all-namespaces
  ${helm} list --all-namespaces
  ${istioctl} analyze --all-namespaces

Gateway pods (Service ${gateways.namespace}/${gateways.service}, selector ${JSON.stringify(gateways.selector)}):
${pods.join('\n')}
  curl --resolve hello.example.com:80:${first?.ip} http://hello.example.com/
  curl --insecure --resolve hello.example.com:443:${first?.ip} https://hello.example.com/

ACME directory: ${pebble.directoryUrl}, trusted by ${pebble.tls.root}
  Every name of example.com below is at the gateways for it: hello, httpbin, book. Another one:
  curl --data '{"host":"other.example.com.","addresses":["${first?.ip}"]}' ${pebble.resolver.management}/add-a

Logs: ${mesh.directory}
Ctrl-C ends it and removes everything.`
}

const began = Date.now()
process.stderr.write('starting …\n')
const mesh = await openMesh({ pebble: { validationSleep: 0 } })
await mesh.pointAtGateways(['hello', 'httpbin', 'book'].map((name) => `${name}.example.com`))
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
await mesh.close()
