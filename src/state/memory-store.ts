/** State of one process, gone with it: for tests and for `plan` on files that are not there. */
import { Port80Failure } from '../reason.ts'
import { partsOf, versionOf } from './state-key.ts'
import { StateConflict, type StateKey, type StateStore } from './store.ts'

export function memoryStateStore(): StateStore {
  const texts = new Map<StateKey, string>()
  const versionAt = (key: StateKey): string | undefined => {
    if (!partsOf(key))
      throw new Port80Failure({ reason: 'InternalError', detail: 'not a key of the state store' })
    const text = texts.get(key)
    return text === undefined ? undefined : versionOf(text)
  }
  return {
    async read(key) {
      const version = versionAt(key)
      const text = texts.get(key)
      return version === undefined || text === undefined ? undefined : { text, version }
    },
    async write(key, text, expected) {
      if (versionAt(key) !== expected) throw new StateConflict(`${key} was written by somebody else`)
      texts.set(key, text)
      return versionOf(text)
    },
    async remove(key, expected) {
      const version = versionAt(key)
      if (version === undefined) return
      if (version !== expected) throw new StateConflict(`${key} was written by somebody else`)
      texts.delete(key)
    },
    async list(kind) {
      return [...texts.keys()].filter((key) => key.startsWith(`${kind}/`))
    },
  }
}
