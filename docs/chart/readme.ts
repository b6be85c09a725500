/** charts/port80/README.md from values.yaml, its schema, and the words of readme-text.md beside this file. */
import { format, resolveConfig } from 'prettier'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { valueRows, type ValueRow } from './values-comments.ts'
import type { Schema } from './shapes.ts'
import { dashboard } from './dashboard.ts'
import { valuesSchema } from './values-schema.ts'

const chart = join(import.meta.dirname, '../../charts/port80')
export const chartFiles = {
  values: join(chart, 'values.yaml'),
  readme: join(chart, 'README.md'),
  schema: join(chart, 'values.schema.json'),
  dashboard: join(chart, 'files/dashboards/port80.json'),
}

interface Documents {
  readonly readme: string
  readonly schema: string
  readonly dashboard: string
}

/** As committed: formatted as everything else. A function of the text of values.yaml. */
export async function chartDocuments(values: string): Promise<Documents> {
  const rows = valueRows(values)
  const schema = valuesSchema(rows)
  const text = readFileSync(join(import.meta.dirname, 'readme-text.md'), 'utf8')
  const readme = text
    .replace('VALUES', () => rows.map(valueLine).join('\n'))
    .replace('DOMAIN', () => domainLines(schema).join('\n'))
  const options = await resolveConfig(chartFiles.readme)
  return {
    readme: await format(readme, { ...options, parser: 'markdown' }),
    schema: await format(JSON.stringify(schema), { ...options, parser: 'json' }),
    dashboard: await format(JSON.stringify(dashboard()), { ...options, parser: 'json' }),
  }
}

function valueLine({ path, default: fallback, comment, section }: ValueRow): string {
  return line([`\`${path.join('.')}\``, section ? '' : `\`${JSON.stringify(fallback)}\``, comment])
}

function domainLines(schema: Schema): string[] {
  const shape = schema.properties?.domains?.items ?? {}
  const required = shape.required ?? []
  return Object.entries(shape.properties ?? {}).map(([key, setting]) => {
    const kind = setting.title ?? kindOf(setting)
    return line([`\`${key}\``, required.includes(key) ? 'required' : kind, setting.description ?? ''])
  })
}

function kindOf({ enum: words, properties, type }: Schema): string {
  if (words) return words.map((word) => `\`${String(word)}\``).join(', ')
  if (properties) return `{ ${Object.keys(properties).join(', ')} }`
  return type === 'boolean' ? 'true or false' : 'text'
}

const line = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
