/** charts/port80/values.yaml as rows: each key with its default and the comment above it. Pure. */
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml'

export interface ValueRow {
  /** `routes.istio.port` */
  readonly path: readonly string[]
  readonly default: unknown
  /** The comment above the key, in one line; empty when it has none. */
  readonly comment: string
  /** A map whose keys have rows of their own. */
  readonly section: boolean
}

/** In the order of the file. Throws Error when the file is no YAML map. */
export function valueRows(text: string): ValueRow[] {
  const document = parseDocument(text)
  if (document.errors.length > 0 || !isMap(document.contents)) throw new Error('values.yaml is no YAML map')
  return rowsOf(document.contents, [], document.contents.commentBefore ?? '')
}

/** The comment of a first key stands on its map. */
function rowsOf(map: YAMLMap, at: readonly string[], first: string): ValueRow[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`a key of ${at.join('.')} is no name`)
    const path = [...at, String(key.value)]
    const written = key.commentBefore ?? (index === 0 ? first : '')
    const plain = isMap(value) ? (value.toJSON() as unknown) : isNodeWithJson(value) ? value.toJSON() : value
    // Keys in braces are one value, such as labels.
    const section = isMap(value) && value.flow !== true && value.items.length > 0
    const row = { path, default: plain, comment: lastParagraph(written), section }
    return isMap(value) && section ? [row, ...rowsOf(value, path, value.commentBefore ?? '')] : [row]
  })
}

function isNodeWithJson(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && 'toJSON' in value
}

/** What is above a blank line, or belongs to an example of the key before (indented), is not about this key. */
function lastParagraph(comment: string): string {
  const paragraph = comment.split(/\n\s*\n/).at(-1) ?? ''
  return paragraph
    .split('\n')
    .filter((line) => !line.startsWith('  '))
    .map((line) => line.trim())
    .join(' ')
    .trim()
}
