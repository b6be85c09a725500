/** The custom resources of Istio and of Gateway API, as their own modules hold them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { until } from '../fixtures/until.ts'
import { installed } from '../peers/install.ts'
import type { Must } from './cluster-request.ts'

interface Definition {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly names: { readonly plural: string }
    readonly versions: readonly { readonly name: string; readonly served: boolean }[]
  }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

const place = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** The files that hold them: for kubeconform's schemas too. */
export async function customResourceFiles(): Promise<string[]> {
  const istio = (await installed('istio-module')).path
  const gatewayApi = join((await installed('gateway-api-module')).path, 'config/crd/standard')
  const files = readdirSync(gatewayApi).filter((file) => file.endsWith('.yaml'))
  return [
    join(istio, 'manifests/charts/base/files/crd-all.gen.yaml'),
    ...files.map((file) => join(gatewayApi, file)),
  ]
}

/** Makes all of them, and waits until the API server serves them. */
export async function installCustomResources(must: Must): Promise<void> {
  const files = await customResourceFiles()
  const objects = files.flatMap((file) =>
    parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Definition | null),
  )
  const definitions = objects.filter(
    (object) => object !== null && object.kind === 'CustomResourceDefinition',
  )
  await Promise.all(definitions.map((definition) => must('POST', place, definition as object)))
  await until(
    () => must<{ items: Definition[] }>('GET', place),
    ({ items }) => items.length === definitions.length && items.every(isServed),
    { what: 'the custom resources are established' },
  )
  // Established is what is written; what answers has heard of it a moment later.
  for (const { spec } of definitions as readonly Definition[])
    await until(() => must('GET', listOf(spec)), Boolean, { what: 'the custom resources are served' })
}

function listOf({ group, names, versions }: Definition['spec']): string {
  const { name } = versions.find(({ served }) => served) ?? { name: 'none' }
  return `/apis/${group}/${name}/${names.plural}?limit=1`
}

function isServed({ status }: Definition): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false
}
