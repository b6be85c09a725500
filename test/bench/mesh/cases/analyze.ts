/** `istioctl analyze` has nothing to say against a cluster with the chart, its 443 Gateway and applications installed. */
import { execFile } from 'node:child_process'
import t from 'tap'
import { installed } from '../../peers/install.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { startMesh } from '../mesh.ts'

const host = 'analyzed.example.com'
const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const runner = await startBenchRunner(t, mesh)
await mesh.pointAtGateways([host])
const port80 = await installPort80(t, mesh, runner, {
  values: { domains: [{ hosts: [host], secretName: 'analyzed', tlsGateway: 'create' }] },
})
await port80.waitForCertificate('analyzed')
const { path: istioctl } = await installed('istioctl')

interface Message {
  readonly code: string
  readonly level: 'Error' | 'Warning' | 'Info'
  readonly origin: string
  readonly message: string
}

/** What it says about the namespace, from information upwards. */
async function analyzed(namespace: string): Promise<Message[]> {
  const args = [
    'analyze',
    '--kubeconfig',
    mesh.api().kubeconfig,
    '--namespace',
    namespace,
    '--output',
    'json',
  ]
  const printed = await new Promise<string>((resolve, reject) => {
    // Its exit code says whether it found something.
    execFile(istioctl, args, { maxBuffer: 16 << 20 }, (_, stdout, stderr) =>
      stdout.trimStart().startsWith('[') ? resolve(stdout) : reject(new Error(stdout + stderr)),
    )
  })
  return JSON.parse(printed) as Message[]
}
/**
 * What it says about anything but the cluster itself: the bench's webhooks are at an address (IST0164), and whether a
 * namespace wants sidecars (IST0102) is for its owner to say.
 */
const own = (messages: readonly Message[]) =>
  messages
    .filter(({ code, origin }) => !origin.includes('WebhookConfiguration ') && code !== 'IST0102')
    .map(({ code, level, origin, message }) => `${level} ${code} ${origin}: ${message}`)

t.test('nothing about port80 itself', async (t) => {
  t.same(own(await analyzed(port80.namespace)), [])
})

t.test('nothing about its Gateways and routes beside the gateway', async (t) => {
  t.same(own(await analyzed(mesh.gateways.namespace)), [])
})

t.test('what is wrong is seen: a Gateway without its Secret', async (t) => {
  const { namespace, selector } = mesh.gateways
  const port = { number: 443, name: 'https', protocol: 'HTTPS' }
  const tls = { mode: 'SIMPLE', credentialName: 'nobody-made-this' }
  await makeIstioObject(mesh.must, {
    ...{ kind: 'Gateway', namespace, name: 'wrong' },
    spec: { selector, servers: [{ port, tls, hosts: ['wrong.example.com'] }] },
  })
  t.match(own(await analyzed(namespace)).join('\n'), /IST0101.*nobody-made-this/)
})
