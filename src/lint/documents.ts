/**
 * The text of a file → the objects in it, each with its place. A document that cannot be read is a remark with file, line
 * and fix, and costs no other document. Pure. Nothing of the text is kept but keys and line numbers: it may hold Secrets.
 */
import { readYaml, type YamlText } from '../config/yaml.ts'
import { listItems } from './list-items.ts'

type Path = readonly (string | number)[]

/** Where an object was found. */
export interface Place {
  /** As it was named; `stdin`. */
  readonly file: string
  /** Line from 1 of a place in the object, or of the nearest one around it; undefined where lines were not asked for. */
  readonly lineOf: (at: Path) => number | undefined
}

export interface FoundObject {
  readonly object: unknown
  readonly place: Place
}

export interface Documents {
  readonly found: readonly FoundObject[]
  readonly remarks: readonly string[]
}

/**
 * YAML with any number of documents, or JSON. Lines of JSON cost far more than JSON itself, and are looked for only when
 * `lines` is set. Never throws.
 */
export function documentsIn(file: string, text: string, lines = false): Documents {
  const plain = text.replace(/^\uFEFF/, '')
  const json = /^\s*[[{]/.test(plain) ? parsedJson(plain) : undefined
  if (json !== undefined && !lines) {
    return { found: objectsOf(json, { file, lineOf: () => undefined }), remarks: [] }
  }
  const read = chunksOf(plain).map((chunk) => documentOf(file, chunk))
  return { found: read.flatMap(({ found }) => found), remarks: read.flatMap(({ remarks }) => remarks) }
}

/** `file:12: `, before a remark. */
export function placeText({ file, lineOf }: Place): string {
  const line = lineOf([])
  return `${file}${line === undefined ? '' : `:${line}`}: `
}

interface Chunk {
  readonly text: string
  /** Of its first character in the whole text, from 1. */
  readonly line: number
}

/** Documents by themselves: YAML lets `---` stand at the beginning of a line for nothing else, not even in a block of text. */
function chunksOf(text: string): Chunk[] {
  const starts = [0, ...[...text.matchAll(/^---(?=\s|$)/gm)].map(({ index }) => index)]
  let line = 1
  return [...new Set(starts)].flatMap((start, index, all) => {
    const chunk = { text: text.slice(start, all[index + 1]), line }
    for (let at = chunk.text.indexOf('\n'); at >= 0; at = chunk.text.indexOf('\n', at + 1)) line++
    return hasContent(chunk.text) ? [chunk] : []
  })
}

/** Comments and directives (`%YAML 1.2`) alone are no document. */
function hasContent(text: string): boolean {
  return text.split(/\r?\n/).some((line) => !/^(---\s*(#.*)?|\.\.\.\s*|\s*#.*|%.*|\s*)$/.test(line))
}

function documentOf(file: string, chunk: Chunk): Documents {
  const yaml = readYaml(chunk.text)
  const place = { file, lineOf: lineIn(yaml, chunk) }
  const remarks = yaml.broken ? [brokenRemark(file, yaml, chunk)] : faultsOf(file, yaml, chunk)
  return { found: yaml.broken ? [] : objectsOf(yaml.data, place), remarks }
}

function objectsOf(data: unknown, { file, lineOf }: Place): FoundObject[] {
  return listItems(data).map(({ object, at }) => ({
    object,
    place: { file, lineOf: at.length === 0 ? lineOf : (path) => lineOf([...at, ...path]) },
  }))
}

/** Of the document itself that is its first line with something in it. */
function lineIn(yaml: YamlText, { text, line }: Chunk): Place['lineOf'] {
  const first = text.split(/\r?\n/).findIndex((each) => hasContent(each))
  return (at) => line - 1 + (yaml.lineOf(at) ?? first + 1)
}

/** The first fault: what the parser says of the rest is noise. */
function brokenRemark(file: string, yaml: YamlText, chunk: Chunk): string {
  const [fault] = yaml.faults
  const place = `${file}:${(fault?.line ?? 1) + chunk.line - 1}: `
  if (/\{\{/.test(chunk.text)) {
    return `${place}left out: a template of Helm, and not YAML yet; render it: helm template CHART | port80 lint -`
  }
  return `${place}left out: ${fault?.fix ?? 'not YAML'}`
}

/** Keys that stand twice: the last one counts, as it does for kubectl. */
function faultsOf(file: string, yaml: YamlText, chunk: Chunk): string[] {
  return yaml.faults.map(({ line = 1, path }) => {
    const place = `${file}:${line + chunk.line - 1}: `
    return `${place}${path} stands twice, and the last one counts; take one of the two out`
  })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
