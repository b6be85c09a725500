/** Which changed settings the running process cannot take up. Pure. */
import type { Config } from './schema.ts'

/**
 * Paths of the changed settings that take effect at the next start only: sockets and their limits are opened once, and
 * the lock and every record are in the store. Empty when everything of the change is in force.
 */
export function restartNeeded(before: Config, after: Config): string[] {
  const { public: openBefore, admin: adminBefore, stop: stopBefore } = before.listeners
  const { public: openAfter, admin: adminAfter, stop: stopAfter } = after.listeners
  return [
    ...changed('listeners.public', openBefore, openAfter),
    ...changed('listeners.admin', adminBefore, adminAfter),
    ...changed('listeners.stop', stopBefore, stopAfter),
    ...changed('store', before.store, after.store),
    ...changed('kubernetes', before.kubernetes, after.kubernetes),
  ]
}

/** The new configuration with the running values of those settings: what is really in force after the change. */
export function inForce(before: Config, after: Config): Config {
  const { listeners, store, kubernetes } = before
  return { ...after, listeners, store, kubernetes }
}

function changed<Section extends object>(path: string, before: Section, after: Section): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Section & string)[]
  return keys.filter((key) => !same(before[key], after[key])).map((key) => `${path}.${key}`)
}

/** Of plain data with its keys in the order of the schema. */
function same(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after)
}
