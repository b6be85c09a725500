/**
 * YAML text → plain data, and the line of every place in it. Pure although it imports a parser: its answer is a
 * function of the text. It is the only importer of `yaml`.
 */
// eslint-disable-next-line no-restricted-imports -- parsing is a function of its input
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type ErrorCode } from 'yaml'
import { formatPath, type ConfigFault, type Path } from './fault.ts'

export interface YamlText {
  /** What the text says; undefined when it is empty or is not YAML. */
  readonly data: unknown
  /** The text is not YAML: `data` is not to be used. */
  readonly broken: boolean
  /** Syntax faults, or keys that stand twice. */
  readonly faults: readonly ConfigFault[]
  /** Line (from 1) of the key or list entry at the place, or of the nearest place around it. */
  readonly lineOf: (at: Path) => number | undefined
}

/**
 * Reads one YAML 1.2 document (JSON is YAML). Anchors, aliases and merge keys are allowed; tags are not: a value that
 * only looks like the right one would pass. The parser's own words are not repeated, since they quote the text around a
 * fault, where a secret may stand. Never throws.
 */
export function readYaml(text: string): YamlText {
  const counter = new LineCounter()
  try {
    return read(text, counter)
  } catch (error) {
    // An alias before its anchor or a bomb of aliases (ReferenceError), or nesting deeper than the stack (RangeError).
    const what =
      error instanceof ReferenceError
        ? syntaxWords.BAD_ALIAS
        : 'not YAML: it is nested too deeply; write a file like docs/port80.example.yaml'
    return broken([{ path: '', value: '', fix: what }])
  }
}

function read(text: string, counter: LineCounter): YamlText {
  const document = parseDocument(text, {
    lineCounter: counter,
    logLevel: 'error',
    merge: true,
    prettyErrors: false,
    resolveKnownTags: false,
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false, // found below, where the path of both is known
  })
  const lineAt = (offset: number) => counter.linePos(offset).line
  const errors = [...document.errors, ...document.warnings]
  if (errors.length > 0) return broken(syntaxFaults(errors, lineAt))

  const survey: Survey = { lines: new Map(), faults: [], lineAt }
  visit(document.contents, [], survey)
  return {
    data: document.contents === null ? undefined : (document.toJS() as unknown),
    broken: false,
    faults: survey.faults,
    lineOf: (at) => nearestLine(survey.lines, at),
  }
}

function broken(faults: readonly ConfigFault[]): YamlText {
  return { data: undefined, broken: true, faults, lineOf: () => undefined }
}

/** The first error of each line: the parser stumbles on, and what it says of the rest of the line is noise. */
function syntaxFaults(
  errors: readonly { code: ErrorCode; pos: [number, number] }[],
  lineAt: (offset: number) => number,
): ConfigFault[] {
  const byLine = new Map<number, ConfigFault>()
  for (const error of errors) {
    const line = lineAt(error.pos[0])
    if (!byLine.has(line)) byLine.set(line, { path: '', value: '', fix: syntaxWords[error.code], line })
  }
  return [...byLine.values()]
}

interface Survey {
  readonly lines: Map<string, number>
  readonly faults: ConfigFault[]
  readonly lineAt: (offset: number) => number
}

/** Notes the line of each place, and the keys that stand twice in one object. */
function visit(node: unknown, at: Path, survey: Survey): void {
  if (isSeq(node)) {
    node.items.forEach((item, index) => {
      note(item, [...at, index], survey)
      visit(item, [...at, index], survey)
    })
  } else if (isMap(node)) {
    for (const pair of node.items) {
      const here = [...at, keyOf(pair.key)]
      const earlier = survey.lines.get(mapKey(here))
      if (earlier !== undefined) survey.faults.push(twice(here, earlier, lineOfNode(pair.key, survey)))
      else note(pair.key, here, survey)
      if (here.at(-1) === '__proto__') survey.faults.push(proto(here, lineOfNode(pair.key, survey)))
      visit(pair.value, here, survey)
    }
  }
}

function note(node: unknown, at: Path, survey: Survey): void {
  const line = lineOfNode(node, survey)
  if (line !== undefined) survey.lines.set(mapKey(at), line)
}

function lineOfNode(node: unknown, survey: Survey): number | undefined {
  if (!(isScalar(node) || isAlias(node) || isMap(node) || isSeq(node))) return undefined
  return node.range ? survey.lineAt(node.range[0]) : undefined
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key)
}

function nearestLine(lines: ReadonlyMap<string, number>, at: Path): number | undefined {
  for (let length = at.length; length > 0; length--) {
    const line = lines.get(mapKey(at.slice(0, length)))
    if (line !== undefined) return line
  }
  return undefined
}

function mapKey(at: Path): string {
  return JSON.stringify(at)
}

function twice(at: Path, earlier: number, line: number | undefined): ConfigFault {
  const fix = `stands twice, first in line ${earlier}; take one of the two out`
  return { path: formatPath(at), value: '', fix, ...(line === undefined ? {} : { line }) }
}

/** Data with such a key is read differently by different code; nothing of ours is called so. */
function proto(at: Path, line: number | undefined): ConfigFault {
  const fix = 'is no setting; take it out'
  return { path: formatPath(at), value: '', fix, ...(line === undefined ? {} : { line }) }
}

const general = 'not YAML: this line does not fit what stands before it; look at its indentation and quotes'
const anchors = 'not YAML: an anchor or tag stands at the wrong place; write the value out instead'
const oneLine = 'not YAML: two keys meet on one line; give each a line of its own, or put the value in quotes'
const brackets =
  'not YAML: a bracket, brace or indented list is not closed or not indented; close it, or indent it by two spaces'

const syntaxWords: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: anchors,
  BAD_ALIAS:
    'not YAML: an alias (*name) has no anchor (&name) before it, or there are too many; write the value out, or put it in quotes',
  BAD_COLLECTION_TYPE: anchors,
  BAD_DIRECTIVE: 'not YAML: a line that starts with % is a directive; take it out',
  BAD_DQ_ESCAPE: 'not YAML: a backslash in double quotes starts an escape; use single quotes, or write \\\\',
  BAD_INDENT: brackets,
  BAD_PROP_ORDER: anchors,
  BAD_SCALAR_START: 'not YAML: a value cannot start with this character; put the value in quotes',
  BLOCK_AS_IMPLICIT_KEY: oneLine,
  BLOCK_IN_FLOW:
    'not YAML: an indented block stands between brackets; write the whole list in one of the two ways',
  DUPLICATE_KEY: 'stands twice; take one of the two out',
  IMPOSSIBLE: general,
  KEY_OVER_1024_CHARS:
    'not YAML: a key is longer than 1,024 characters; look for a missing line break or quote',
  MISSING_CHAR: 'not YAML: a quote, colon, comma or bracket is missing; add it',
  MULTILINE_IMPLICIT_KEY: oneLine,
  MULTIPLE_ANCHORS: anchors,
  MULTIPLE_DOCS: 'has a second document after ---; keep one document in the file',
  MULTIPLE_TAGS: anchors,
  NON_STRING_KEY: 'not YAML for port80: a key is a list or an object; write a name before the colon',
  RESOURCE_EXHAUSTION: 'not YAML: it is nested too deeply; write a file like docs/port80.example.yaml',
  TAB_AS_INDENT: 'not YAML: a tab stands in the indentation; indent with spaces',
  TAG_RESOLVE_FAILED: 'has a tag (!name), which port80 does not read; write the plain value',
  UNEXPECTED_TOKEN: general,
}
