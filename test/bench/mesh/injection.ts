/**
 * Sidecars as an installed Istio makes them: the injector's template and its webhook, rendered from Istio's own chart, so
 * that a Pod's labels and annotations do here what they do in a cluster. What the chart takes for granted and the bench
 * has not are the address of istiod's Service and the images.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { installed } from '../peers/install.ts'
import type { Must } from './cluster-request.ts'

/** The image of sidecars and of the container that redirects a pod's traffic to them. */
export const proxyImageName = 'istio/proxyv2'

const run = promisify(execFile)
const chart = 'manifests/charts/istio-control/istio-discovery'
const places: Readonly<Record<string, string>> = {
  ConfigMap: '/api/v1/namespaces/istio-system/configmaps',
  MutatingWebhookConfiguration: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
}

/** To be there before istiod is, which looks once; istiod puts its CA into the webhooks. `host` is istiod's address. */
export async function installInjection(must: Must, host: string): Promise<void> {
  const [{ path: helm }, { path: istio }] = await Promise.all([installed('helm'), installed('istio-module')])
  const values = {
    'istiodRemote.injectionURL': `https://${host}:15017/inject`,
    'global.caAddress': `${host}:15012`,
    'global.proxy.image': proxyImageName,
    'global.proxy_init.image': proxyImageName,
  }
  const set = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  const shown = ['istiod-injector-configmap', 'mutatingwebhook']
  const { stdout } = await run(
    helm,
    [
      ...['template', 'istiod', join(istio, chart), '--namespace', 'istio-system', '--set', set.join(',')],
      ...shown.flatMap((template) => ['--show-only', `templates/${template}.yaml`]),
    ],
    { maxBuffer: 16 << 20 },
  )
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as { kind: string } | null)
  for (const object of objects) {
    if (object === null) continue
    const place = places[object.kind]
    if (place === undefined) throw new Error(`Istio's chart made a ${object.kind} nobody expected`)
    await must('POST', place, object)
  }
}
