/** Whether chain and key can be served at all. Pure: parsing is a function of its input (node:crypto). */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { Pair } from './destination.ts'

export type PairFault =
  'chain does not parse' | 'key does not parse' | 'key and certificate do not belong together'

/** The first thing wrong with a pair, in words that hold nothing of it. */
export function faultOfPair(pair: Pair): PairFault | undefined {
  let leaf: X509Certificate
  try {
    leaf = new X509Certificate(pair.chainPem)
  } catch {
    return 'chain does not parse'
  }
  let key: KeyObject
  try {
    key = createPrivateKey(pair.keyPem)
  } catch {
    return 'key does not parse'
  }
  return leaf.checkPrivateKey(key) ? undefined : 'key and certificate do not belong together'
}
