/** ConfigMaps that say what lint should take for given: port80's own configuration, and that of the mesh. Pure. */
import { z } from 'zod'
import { parseConfig } from '../config/parse.ts'
import type { Config } from '../config/schema.ts'
import { readYaml } from '../config/yaml.ts'
import { labels, text } from './lenient.ts'

/** port80.yaml in a ConfigMap, as the chart makes it. */
export interface FoundConfig {
  readonly namespace: string
  readonly name: string
  readonly config: Config
}

export interface GivenSettings {
  readonly configs: readonly FoundConfig[]
  /** `rootNamespace` of the MeshConfig. */
  readonly rootNamespace?: string
  readonly remarks: readonly string[]
}

const configMap = z.object({
  kind: z.literal('ConfigMap'),
  metadata: z.object({ name: text, namespace: text }),
  data: labels,
})
type ConfigMap = z.output<typeof configMap>

const mesh = z.object({ rootNamespace: z.string().min(1) })

/** Of all objects that were read; `namespace` is that of objects without one. Never throws. */
export function givenSettings(objects: readonly unknown[], namespace = 'default'): GivenSettings {
  const maps = objects.flatMap((object) => {
    const parsed = configMap.safeParse(object)
    return parsed.success ? [parsed.data] : []
  })
  const remarks: string[] = []
  const root = maps.flatMap((each) => rootIn(each))[0]
  const configs = maps.flatMap((each) => configIn(each, namespace, remarks))
  return { configs, remarks, ...(root !== undefined && { rootNamespace: root }) }
}

function configIn({ metadata, data }: ConfigMap, usual: string, remarks: string[]): FoundConfig[] {
  const written = data['port80.yaml']
  if (written === undefined) return []
  const place = { namespace: metadata.namespace || usual, name: metadata.name }
  const parsed = parseConfig(written)
  if ('ok' in parsed) return [{ ...place, config: parsed.ok }]
  const [fault] = parsed.faults
  const where = `ConfigMap ${place.namespace}/${place.name}: port80.yaml`
  remarks.push(
    `${where} is left out: ${fault?.path ?? ''} ${fault?.fix ?? ''}; port80 config validate tells all of it`,
  )
  return []
}

/** `istio`, or `istio-REVISION`. */
function rootIn({ metadata: { name }, data }: ConfigMap): string[] {
  if (!/^istio(-|$)/.test(name) || data['mesh'] === undefined) return []
  const parsed = mesh.safeParse(readYaml(data['mesh']).data)
  return parsed.success ? [parsed.data.rootNamespace] : []
}
