/**
 * Answers to DNS queries of this machine (RFC 1035 §4, RFC 3596, RFC 8659 §4.1): A, AAAA and CAA of names in a table, NXDOMAIN
 * for any other. Pure. For the walk-through and for tests: no compression but of the one name, no EDNS, no TCP.
 */
import { isIPv4 } from 'node:net'

export interface Zone {
  readonly four?: readonly string[]
  /** Addresses of IPv6: whole, or with `::`. */
  readonly six?: readonly string[]
  /** Names of CAs, for the tag `issue`. */
  readonly caa?: readonly string[]
  readonly fails?: 'servfail' | 'silent'
}

/** By name, in small letters. */
export type Zones = Readonly<Record<string, Zone>>

interface Question {
  readonly name: string
  readonly type: number
  /** Of the question in the query. */
  readonly end: number
}

const headLength = 12
const typeA = 1
const typeAaaa = 28
const typeCaa = 257
const [noError, serverFailure, noSuchName] = [0, 2, 3]
/** It is an answer, recursion is desired and available. */
const flags = 0x8180

/** Undefined: no answer, because the zone keeps silent or what came is no query. */
export function answerTo(query: Buffer, zones: Zones): Buffer | undefined {
  const question = questionOf(query)
  if (!question) return undefined
  const zone = Object.hasOwn(zones, question.name) ? zones[question.name] : undefined
  if (zone?.fails === 'silent') return undefined
  const answers = zone && !zone.fails ? dataOf(question.type, zone) : []
  const head = Buffer.alloc(headLength)
  query.copy(head, 0, 0, 2)
  head.writeUInt16BE(flags | codeOf(zone), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(answers.length, 6)
  return Buffer.concat([
    head,
    query.subarray(headLength, question.end),
    ...answers.map((data) => recordOf(question.type, data)),
  ])
}

/** Undefined: it is no query with one question. */
function questionOf(query: Buffer): Question | undefined {
  if (query.length < headLength || (query.readUInt16BE(2) & 0x8000) !== 0 || query.readUInt16BE(4) !== 1)
    return undefined
  const labels: string[] = []
  let at = headLength
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    if (length > 63 || at + 1 + length > query.length) return undefined
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  if (at + 5 > query.length) return undefined
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function codeOf(zone: Zone | undefined): number {
  if (!zone) return noSuchName
  return zone.fails ? serverFailure : noError
}

/** Of the name in the question, which stands behind the head; class IN; kept by nobody. */
function recordOf(type: number, data: Buffer): Buffer {
  const record = Buffer.alloc(12)
  record.writeUInt16BE(0xc000 | headLength, 0)
  record.writeUInt16BE(type, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt16BE(data.length, 10)
  return Buffer.concat([record, data])
}

function dataOf(type: number, { four = [], six = [], caa = [] }: Zone): Buffer[] {
  switch (type) {
    case typeA:
      return four.filter(isIPv4).map((each) => Buffer.from(each.split('.').map(Number)))
    case typeAaaa:
      return six.map(bytesOfSix)
    case typeCaa:
      return caa.map((each) => Buffer.concat([Buffer.from([0, 5]), Buffer.from(`issue${each}`)]))
    default:
      return []
  }
}

function bytesOfSix(address: string): Buffer {
  const [left = '', right] = address.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [first, last] = [groups(left), groups(right ?? '')]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  const all = right === undefined ? first : [...first, ...zeros, ...last]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
